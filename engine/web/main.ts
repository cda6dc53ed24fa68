import { parseArgs } from "node:util";
import { serveInterface } from "./serve.ts";

const { values, positionals } = parseArgs({
  options: { port: { type: "string", default: "0" }, root: { type: "string" } },
  allowPositionals: true,
});
const served = await serveInterface({
  image: positionals[0],
  root: values.root ?? process.cwd(),
  port: Number(values.port),
  report: (problem) => process.stderr.write(`${problem}\n`),
});
process.stdout.write(`Blockscope is served at ${served.address}\n`);
process.once("SIGINT", () => void served.close().then(() => process.exit(130)));
