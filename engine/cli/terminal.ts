import type { Progress } from "../contract/index.ts";
import { visibleText } from "../host/engine.ts";

const codes = { red: 31, yellow: 33, blue: 34, green: 32, dim: 2, bold: 1 } as const;
export type Style = keyof typeof codes;

/** Where a command writes: results to stdout, progress and messages to stderr. */
export class Terminal {
  readonly json: boolean;
  readonly #color: boolean;
  readonly #progress: "bar" | "plain" | "none";
  #barShown = false;

  constructor({
    json = false,
    color,
    progress,
  }: { json?: boolean | undefined; color?: string | undefined; progress?: string | undefined } = {}) {
    this.json = json;
    this.#color = color === "always" || (color !== "never" && !process.env.NO_COLOR && process.stdout.isTTY === true);
    this.#progress = progress === "plain" ? "plain" : process.stderr.isTTY ? "bar" : "none";
  }

  style(style: Style, text: string): string {
    return this.#color ? `\u001b[${codes[style]}m${text}\u001b[0m` : text;
  }

  line(text = ""): void {
    process.stdout.write(`${text}\n`);
  }

  /** Text that came from an image, safe to print. */
  safe(text: string): string {
    return visibleText(text);
  }

  message(text: string): void {
    this.clearProgress();
    process.stderr.write(`${text}\n`);
  }

  document(document: unknown): void {
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  }

  progress(progress: Pick<Progress, "phase" | "done" | "total" | "unit">): void {
    if (this.#progress === "none") return;
    const share = progress.total ? progress.done / progress.total : undefined;
    const text = `${progress.phase} ${progress.done}${progress.total === undefined ? "" : ` of ${progress.total}`} ${progress.unit}`;
    if (this.#progress === "plain") {
      process.stderr.write(`${text}\n`);
      return;
    }
    const width = 24;
    const bar = share === undefined ? "" : `[${"#".repeat(Math.round(share * width)).padEnd(width, ".")}] `;
    process.stderr.write(`\r\u001b[K${bar}${text}`);
    this.#barShown = true;
  }

  clearProgress(): void {
    if (this.#barShown) process.stderr.write("\r\u001b[K");
    this.#barShown = false;
  }

  /** Rows in aligned columns; numbers to the right where a column's first cell is one. */
  table(rows: string[][], { indent = 0 }: { indent?: number } = {}): void {
    const widths = rows.reduce<number[]>((most, row) => row.map((cell, index) => Math.max(most[index] ?? 0, cell.length)), []);
    const numeric = widths.map((_, index) => rows.slice(1).every((row) => /^[\d ]*$/.test(row[index] ?? "")));
    for (const row of rows) {
      const cells = row.map((cell, index) => (numeric[index] ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0)));
      this.line(`${" ".repeat(indent)}${cells.join("  ")}`.trimEnd());
    }
  }
}
