/** One command of the program. */
export interface Command {
  name: string;
  usage: string;
  /** One sentence for the overview. */
  does: string;
  /** Everything `--help` prints, with an example. */
  help: string;
  /** Resolves to the exit code. Throws UsageError, EngineError, AbortError. */
  run(args: string[], signal: AbortSignal): Promise<number>;
}
