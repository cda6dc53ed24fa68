import { create } from "zustand";

/** Which findings are listed: those of one health check, and those that contain a text. */
export const useFindingsFilter = create<{ prefixes: readonly string[]; name: string | undefined; text: string }>()(() => ({
  prefixes: [],
  name: undefined,
  text: "",
}));

export const clearFindingsFilter = () => useFindingsFilter.setState({ prefixes: [], name: undefined, text: "" });
