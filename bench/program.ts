import { dirname, join } from "node:path";
import type { Bench } from "./bench.ts";

const ROOT = dirname(import.meta.dir);
/** As scripts/build.ts compiles the program, in one piece: each of these is smaller than a piece of it. */
const COMPILE = [
  "build",
  "--compile",
  "--bytecode",
  "--minify",
  "--format=esm",
  "--no-compile-autoload-bunfig",
  "--no-compile-autoload-dotenv",
];

/** Builds the program as a release does, and comparison programs when they are asked for, into a folder of the caller's. */
export async function buildInto(folder: string): Promise<Bench> {
  const compiled = new Map<string, Promise<string>>();
  const build = (source: string, name: string) => {
    const known = compiled.get(source) ?? compile(join(ROOT, source), join(folder, name));
    compiled.set(source, known);
    return known;
  };
  return {
    folder,
    program: await buildProgram(),
    bare: (name) => build(`bench/bare/${name}.ts`, `bare-${name}`),
  };
}

async function buildProgram(): Promise<string> {
  await finish([join(ROOT, "scripts", "build.ts")]);
  return join(ROOT, "dist", "dispatch");
}

async function compile(source: string, outfile: string): Promise<string> {
  await finish([...COMPILE, source, "--outfile", outfile]);
  return outfile;
}

async function finish(args: readonly string[]): Promise<void> {
  const child = Bun.spawn([process.execPath, "--no-env-file", "--config=/dev/null", ...args], {
    cwd: ROOT,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const said = await new Response(child.stderr).text();
  if ((await child.exited) !== 0) throw new Error(`bun ${args.join(" ")} failed: ${said}`);
}
