/** How a login becomes root: by which program, and with which options of it besides those that fw-run gives. */
export interface RootWay {
  readonly method: 'sudo' | 'su' | 'doas'
  /** A name, or an absolute path. */
  readonly program: string
  readonly options: readonly string[]
}

/** What is used unless the inventory says otherwise. */
export const bySudo: RootWay = { method: 'sudo', program: 'sudo', options: [] }
