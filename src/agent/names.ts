/** The set in which the agent keeps the old members until commit. Between runs there is none. */
export const asideSet = 'fw-run-aside'

/** How the comment begins of a copy that covers our rule while it moves. Such a copy is never kept. */
export const movingMark = 'fw-run-moving'
