/** A text as one argument of a shell's command. */
export const quoted = (text: unknown): string => `'${String(text).replaceAll("'", "'\\''")}'`;
