import { Document, isCollection } from 'yaml'

/** A value on one line of YAML. Ansible reads YAML 1.1, in which `on` and `1:20` are not text: such values are quoted. */
export function renderValue(value: unknown): string {
  const document = new Document(value, { version: '1.1' })
  if (isCollection(document.contents)) document.contents.flow = true
  return document.toString({ lineWidth: 0, flowCollectionPadding: false }).trimEnd()
}
