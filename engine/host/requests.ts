import * as z from "zod/mini";
import { EngineError } from "./engine.ts";

/** The input of `call` as its schema has it. REQUEST_INVALID where it does not fit. */
export function parse<Schema extends z.ZodMiniType>(schema: Schema, call: string, input: unknown): z.output<Schema> {
  const parsed = z.safeParse(schema, input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue && issue.path.length > 0 ? `${issue.path.join(".")}: ` : "";
  throw new EngineError("REQUEST_INVALID", { call, problem: `${place}${issue?.message ?? "the input does not fit"}` });
}
