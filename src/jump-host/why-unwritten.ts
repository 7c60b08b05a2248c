import { messageOf } from '../errors.ts'

/** Why a file cannot be written, in words for a person. */
export function whyUnwritten(cause: unknown): string {
  return reasons[(cause as NodeJS.ErrnoException).code ?? ''] ?? messageOf(cause)
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'its directory does not exist',
  ENOTDIR: 'its directory is a file',
  EACCES: 'this user has no permission to write the file, or to create files in its directory',
  EPERM: 'this user has no permission to write the file, or to create files in its directory',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
}
