/**
 * Where `actual` does not contain what a golden expects, by the rules of the goldens' README: an object contains each expected key,
 * lists are equal in order, `regions` match by slot and `blocks` and `trailers` by block, a summary is compared with the whole list.
 */
export function goldenDifferences(actual: unknown, expected: unknown, path = ""): string[] {
  if (Array.isArray(expected)) return listDifferences(actual, expected, path);
  if (expected !== null && typeof expected === "object") {
    if (actual === null || typeof actual !== "object") return [`${path}: expected an object, found ${JSON.stringify(actual)}`];
    return Object.entries(expected).flatMap(([key, value]) =>
      memberDifferences(actual as Record<string, unknown>, key, value, path ? `${path}.${key}` : key),
    );
  }
  return actual === expected ? [] : [`${path}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(actual)}`];
}

const realSummaryFields = new Set(["raidLayoutSummary", "aiMetadataSummary"]);

function memberDifferences(actual: Record<string, unknown>, key: string, expected: unknown, path: string): string[] {
  if (key.toLowerCase().endsWith("sha256") && actual[key] === undefined) return [];
  if (key.endsWith("Summary") && !realSummaryFields.has(key)) {
    const summary = expected as { count: number; first: unknown[]; last: unknown[] };
    const list = actual[key.slice(0, -"Summary".length)];
    if (!Array.isArray(list)) return [`${path}: the list is missing`];
    return [
      ...goldenDifferences(list.length, summary.count, `${path}.count`),
      ...goldenDifferences(list.slice(0, summary.first.length), summary.first, `${path}.first`),
      ...goldenDifferences(list.slice(list.length - summary.last.length), summary.last, `${path}.last`),
    ];
  }
  return goldenDifferences(actual[key], expected, path);
}

const matchedBy: Readonly<Record<string, string>> = { regions: "slot", blocks: "block", trailers: "block" };

function listDifferences(actual: unknown, expected: unknown[], path: string): string[] {
  if (!Array.isArray(actual)) return [`${path}: expected a list, found ${JSON.stringify(actual)}`];
  const key = matchedBy[path.split(".").at(-1) ?? ""];
  if (key && expected.length > 0) {
    return expected.flatMap((each) => {
      const id = (each as Record<string, unknown>)[key];
      const found = actual.find((candidate) => (candidate as Record<string, unknown>)[key] === id);
      return found === undefined ? [`${path}[${key} ${id}]: missing`] : goldenDifferences(found, each, `${path}[${key} ${id}]`);
    });
  }
  if (actual.length !== expected.length) return [`${path}: expected ${expected.length} elements, found ${actual.length}`];
  return expected.flatMap((each, index) => goldenDifferences(actual[index], each, `${path}[${index}]`));
}
