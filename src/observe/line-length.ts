/** The most that a line may hold: a pipe takes so much in one piece (PIPE_BUF), so that threads never tear lines. */
export const maxLineBytes = 4096
