import { existsSync, globSync, readFileSync, realpathSync } from "node:fs";
import { builtinModules } from "node:module";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type EnvironmentOptions, type Plugin } from "vite";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Worker threads lie beside the bundle that starts them, as they lie beside it in the sources. */
const workers = Object.fromEntries(
  globSync("engine/host/workers/*.ts", { cwd: at(".") }).map((file) => [`workers/${basename(file, ".ts")}`, at(file)]),
);

/** Native and optional: loaded where it is installed, done without where not. */
const external = ["electron", "koffi", ...builtinModules, /^node:/];

function node(name: string, entry: string, format: "es" | "cjs"): EnvironmentOptions {
  return {
    consumer: "server",
    resolve: { noExternal: true, external: ["electron", "koffi"] },
    build: {
      outDir: at(`dist/${name}`),
      emptyOutDir: true,
      target: "node24",
      minify: false,
      sourcemap: true,
      ssr: true,
      copyPublicDir: false,
      rolldownOptions: {
        external,
        input: { [name === "host" ? "main" : name]: at(entry), ...(format === "es" && workers) },
        output: { format, entryFileNames: format === "cjs" ? "[name].cjs" : "[name].js" },
      },
    },
  };
}

/** Writes the notices of every package whose code or fonts are shipped. */
function notices(): Plugin {
  const folders = new Set<string>();
  return {
    name: "blockscope-notices",
    apply: "build",
    applyToEnvironment: (environment) => environment.name === "client",
    moduleParsed({ id }) {
      const match = /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id);
      if (match?.[1]) folders.add(match[1]);
    },
    generateBundle() {
      for (const name of ["ws", "capnweb", "zod", "xxhash-wasm", "@fontsource-variable/inter", "@fontsource-variable/jetbrains-mono"])
        folders.add(at(`node_modules/${name}`));
      const texts = [
        ...new Set([...folders].filter((folder) => existsSync(join(folder, "package.json"))).map((folder) => realpathSync(folder))),
      ]
        .sort()
        .map(noticeOf);
      const own = readFileSync(at("LICENSE"), "utf8");
      this.emitFile({ type: "asset", fileName: "notices.txt", source: [`Blockscope\n\n${own}`, ...texts].join(`\n${"-".repeat(80)}\n\n`) });
    },
  };
}

function noticeOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = globSync("{LICENSE,LICENCE,License,license,OFL}*", { cwd: folder })[0];
  return `${name} ${version} (${license})\n\n${file ? readFileSync(join(folder, file), "utf8") : "The package carries no licence text of its own."}`;
}

export default defineConfig({
  root: at("renderer"),
  base: "./",
  plugins: [react(), notices()],
  worker: { format: "es" },
  builder: {},
  clearScreen: false,
  environments: {
    client: {
      build: { outDir: at("dist/renderer"), emptyOutDir: true, target: "chrome142", assetsInlineLimit: 0, chunkSizeWarningLimit: 2000 },
    },
    main: node("main", "electron/main/main.ts", "es"),
    preload: node("preload", "electron/preload/preload.ts", "cjs"),
    host: node("host", "engine/web/main.ts", "es"),
  },
});
