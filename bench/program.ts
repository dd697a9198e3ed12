import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Bench } from "./bench.ts";

const ROOT = dirname(import.meta.dir);
/** As scripts/build.ts compiles the program. */
const COMPILE = [
  "build",
  "--compile",
  "--bytecode",
  "--minify",
  "--format=esm",
  "--no-compile-autoload-bunfig",
  "--no-compile-autoload-dotenv",
];

/** Builds the program, and comparison programs when they are asked for, into a folder of the caller's. */
export async function buildInto(folder: string): Promise<Bench> {
  const compiled = new Map<string, Promise<string>>();
  const build = (source: string, name: string) => {
    const known = compiled.get(source) ?? compile(join(ROOT, source), join(folder, name));
    compiled.set(source, known);
    return known;
  };
  return {
    program: await build("src/main.ts", "dispatch"),
    bare: (name) => build(`bench/bare/${name}.ts`, `bare-${name}`),
  };
}

async function compile(source: string, outfile: string): Promise<string> {
  const child = Bun.spawn([process.execPath, ...COMPILE, source, "--outfile", outfile], {
    cwd: ROOT,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const said = await new Response(child.stderr).text();
  if ((await child.exited) !== 0 || !existsSync(outfile))
    throw new Error(`${source} does not build: ${said}`);
  return outfile;
}
