import { resolve } from "node:path";
import { withVolume } from "../../host/changes.ts";
import { formatSize, isEngineError, toJson } from "../../host/engine.ts";
import { compareStates, type StateComparison } from "../../host/overlay-compare.ts";
import { dropOverlay, type OverlayFacts, planCommit, readOverlay } from "../../host/overlays.ts";
import { compareBlock } from "../../host/source-difference.ts";
import { parseCommand, textOption, UsageError } from "../arguments.ts";
import type { Terminal } from "../terminal.ts";
import { carryOut, changeHelp, changeOptions, confirm, planOptionsOf, terminalOf } from "./change.ts";
import type { Command } from "./command.ts";

export const overlayCommand: Command = {
  name: "overlay",
  usage: "overlay show|commit|drop FILE",
  does: "changes that are kept beside an image",
  help: `blockscope overlay show FILE [--against OTHER] [--image IMAGE] [--json]
blockscope overlay commit FILE [--image IMAGE] [--yes | --plan] [--json]
blockscope overlay drop FILE [--yes] [--json]

An overlay holds what was changed with --overlay FILE; the image below is untouched.
show: what was changed, and every block that differs from the image (or from the overlay OTHER of the same image), field by field.
commit: carries the changes over to the image, each as one transaction, undoable like any other; refused where the image changed since. The
overlay stays until it is dropped.
drop: throws the overlay away, with what it holds.

  --against OTHER   compare with this overlay instead of the image
  --image IMAGE     the image, where it is no longer where the overlay was made
${changeHelp.replace(/\n {2}--overlay[^\n]*/, "")}

Example: blockscope label disk.dwvd "month end" --overlay try.bsoverlay --yes && blockscope overlay show try.bsoverlay
`,
  async run([action, ...args], signal) {
    if (action === "show") return show(args, signal);
    if (action === "commit") return commit(args, signal);
    if (action === "drop") return drop(args, signal);
    throw new UsageError(
      action === undefined ? "show, commit or drop is missing" : `overlay takes show, commit or drop, not ${JSON.stringify(action)}`,
    );
  },
};

async function show(args: string[], signal: AbortSignal): Promise<number> {
  const options = { against: { type: "string" }, image: { type: "string" } } as const;
  const { values, positionals } = parseCommand(args, options, { least: 1, most: 1, names: "FILE" });
  const [path = ""] = positionals;
  const facts = await readOverlay(path);
  const image = textOption(values, "image") ?? facts.identity.image;
  const against = textOption(values, "against");
  const compared = await compareStates(image, { before: against, after: path }, signal);
  try {
    const terminal = terminalOf(values);
    if (terminal.json) terminal.document(await describe(facts, image, against, compared));
    else await print(terminal, facts, image, against, compared);
    return 0;
  } finally {
    await compared.close();
  }
}

/** The `blockscope.overlay/1` document. */
async function describe(facts: OverlayFacts, image: string, against: string | undefined, compared: StateComparison): Promise<object> {
  const { identity, changes, byteLength, unreadBytes } = facts;
  const { difference, base } = compared;
  const state = base.after;
  const runs: object[] = [];
  for (const run of difference.runs) {
    const { block, blockCount, structure, region } = run;
    const place = { block: toJson(block), ...(blockCount > 1n && { blockCount: toJson(blockCount) }), structure, region: region ?? null };
    if (blockCount > 1n) {
      runs.push(place);
      continue;
    }
    const { before, after, differingBytes, fields, more } = await compareBlock(compared.before, compared.after, block);
    runs.push({
      ...place,
      before,
      after,
      differingBytes,
      fields: fields.map((field) => ({ path: field.path, before: field.before, after: field.after })),
      ...(more > 0 && { moreFields: more }),
    });
  }
  return {
    schema: "blockscope.overlay/1",
    overlay: { path: resolve(facts.path), bytes: toJson(byteLength), unreadBytes: toJson(unreadBytes), blockSize: identity.blockBytes },
    image: { path: resolve(image), volumeId: identity.volumeId, bytes: toJson(difference.byteLength.before) },
    ...(against !== undefined && { against: resolve(against) }),
    base:
      state && "changed" in state
        ? { changed: true, block: toJson(state.changed) }
        : { changed: false, committedChanges: state?.held ?? 0 },
    changes: changes.map(({ operation, title, sentences, inputs, now }) => ({ operation, title, sentences, inputs, now: toJson(now) })),
    changedBlocks: toJson(difference.changedBlocks),
    bytesAfter: toJson(difference.byteLength.after),
    blocks: runs,
  };
}

const mostRows = 60;
const mostFieldBlocks = 12;

async function print(
  terminal: Terminal,
  facts: OverlayFacts,
  image: string,
  against: string | undefined,
  compared: StateComparison,
): Promise<void> {
  const { difference, base } = compared;
  const state = base.after ?? { held: 0 };
  terminal.table([
    ["Overlay", terminal.safe(facts.path)],
    ["Image", terminal.safe(image)],
    ["Volume", terminal.safe(facts.identity.volumeId) || "none"],
    ["Size", formatSize(facts.byteLength)],
  ]);
  if ("changed" in state) terminal.line(`The image changed since, at block ${state.changed}: the overlay cannot be committed.`);
  else if (state.held > 0) terminal.line(`The image holds ${state.held} of ${facts.changes.length} changes already.`);
  if (facts.unreadBytes > 0n)
    terminal.line(
      `${facts.unreadBytes} bytes behind the last whole change are left out: a change that was cut off while it was written, or damage. The next change takes their place.`,
    );
  printChanges(terminal, facts);
  terminal.line();
  const other = against === undefined ? "the image" : terminal.safe(against);
  if (difference.changedBlocks === 0n) {
    terminal.line(`No block differs from ${other}.`);
    return;
  }
  terminal.line(`${difference.changedBlocks} blocks differ from ${other}:`);
  if (difference.byteLength.before !== difference.byteLength.after)
    terminal.line(`  Length ${difference.byteLength.before} → ${difference.byteLength.after} bytes`);
  let shown = 0;
  for (const { block, blockCount, structure } of difference.runs.slice(0, mostRows)) {
    terminal.line(`  ${blockCount > 1n ? `${block}–${block + blockCount - 1n}` : block}  ${terminal.safe(structure)}`);
    if (blockCount > 1n || shown >= mostFieldBlocks) continue;
    shown++;
    const { fields, more, differingBytes } = await compareBlock(compared.before, compared.after, block);
    for (const field of fields.slice(0, mostFieldBlocks))
      terminal.line(terminal.safe(`      ${field.path}: ${field.before} → ${field.after}`));
    const left = more + Math.max(0, fields.length - mostFieldBlocks);
    if (left > 0) terminal.line(`      and ${left} fields more`);
    if (fields.length === 0) terminal.line(`      ${differingBytes} bytes`);
  }
  if (difference.runs.length > mostRows) terminal.line(`  first ${mostRows} of ${difference.runs.length}; --json gives all`);
}

function printChanges(terminal: Terminal, { changes }: OverlayFacts): void {
  if (changes.length === 0) terminal.line("Nothing was changed in it.");
  for (const [index, { sentences }] of changes.entries()) {
    // The transactions of one operation say the same.
    if (JSON.stringify(sentences) === JSON.stringify(changes[index - 1]?.sentences)) continue;
    terminal.line(terminal.safe(`${index + 1}. ${sentences.slice(0, 5).join(" ")}${sentences.length > 5 ? " …" : ""}`));
  }
}

async function commit(args: string[], signal: AbortSignal): Promise<number> {
  const { overlay: _, ...options } = changeOptions;
  const { values, positionals } = parseCommand(args, { ...options, image: { type: "string" } }, { least: 1, most: 1, names: "FILE" });
  const [path = ""] = positionals;
  const image = textOption(values, "image") ?? (await readOverlay(path)).identity.image;
  const planOptions = await planOptionsOf(values, signal);
  const { plan, close } = await withVolume(image, (volume) => planCommit(volume, path, planOptions));
  try {
    if (plan.steps.length > 0) return await carryOut(image, plan, values, signal);
    const terminal = terminalOf(values);
    const summary = plan.sentences.join(" ");
    if (!terminal.json || values.yes !== true || values.plan === true)
      return await carryOut(image, plan, { ...values, plan: true }, signal);
    terminal.document({
      schema: "blockscope.applied/1",
      operation: plan.operation,
      blocksWritten: 0,
      verified: true,
      summary,
      warnings: plan.warnings,
    });
    return 0;
  } finally {
    await close();
  }
}

async function drop(args: string[], signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseCommand(args, { yes: { type: "boolean" } }, { least: 1, most: 1, names: "FILE" });
  const [path = ""] = positionals;
  const terminal = terminalOf(values);
  const lost = await whatIsLost(path, terminal);
  const ask = values.yes !== true && process.stdin.isTTY;
  if (values.yes === true || ask) {
    if (ask) await confirm(`Drop ${path} and what it holds? Type yes: `, signal);
    await dropOverlay(path);
    if (!terminal.json) terminal.line(`Dropped ${terminal.safe(path)}. The image is untouched.`);
  } else if (!terminal.json) terminal.line("Nothing was dropped: --yes drops it, with what it holds.");
  if (terminal.json)
    terminal.document({
      schema: "blockscope.overlay-dropped/1",
      overlay: resolve(path),
      dropped: values.yes === true || ask === true,
      changes: lost?.changes.map(({ operation, sentences }) => ({ operation, sentences })) ?? null,
    });
  return 0;
}

/** What the overlay holds; undefined where that cannot be read whole. */
async function whatIsLost(path: string, terminal: Terminal): Promise<OverlayFacts | undefined> {
  try {
    const facts = await readOverlay(path);
    if (!terminal.json) printChanges(terminal, facts);
    return facts;
  } catch (error) {
    if (!isEngineError(error) || error.code !== "OVERLAY_DAMAGED") throw error;
    terminal.message(terminal.safe(error.message));
    return undefined;
  }
}
