import { resolve } from "node:path";
import { defaultHome } from "./base/home.ts";
import { PLAIN_BUN } from "./processes/plain-bun.ts";

/** What every process of this program is told: its folder, and the argv by which this very program is run again. */
interface Program {
  home: string;
  self: string[];
}

process.exit(await main(process.argv.slice(2)));

/** Picks the process or the command that is asked for and loads that alone. Resolves with the exit code. */
async function main(argv: string[]): Promise<number> {
  try {
    const { home, rest } = takeHome(argv);
    const program: Program = { home, self: selfCommand() };
    const [verb, noun] = rest;
    if (verb === "host" && noun !== undefined && !noun.startsWith("-")) return await host(noun, program);
    if (verb === "probe" && noun === undefined) return await probe(program);
    if (verb === "daemon" && noun === "run" && !asksForHelp(rest))
      return await daemon(program, { report: rest.includes("--report") });
    if (verb === "mcp" && noun === "--worker") return await worker();
    if (verb === "mcp" && noun === undefined) return await mcp(program);
    if (verb === "hook" && noun === "report") return await report(rest.slice(2));
    const { runCli } = await import("./cli/cli.ts");
    return await runCli(rest, program);
  } catch (error) {
    const { reportFailure } = await import("./cli/failure.ts");
    return reportFailure(error, argv);
  }
}

function asksForHelp(words: string[]): boolean {
  return words.includes("--help") || words.includes("-h");
}

async function daemon(program: Program, options: { report: boolean }): Promise<number> {
  const { runDaemon } = await import("./daemon/daemon.ts");
  if (!options.report) {
    await runDaemon({ ...program, ready: () => console.log("ready") });
    return 0;
  }
  const { errorBodyOf, sendStartReport } = await import("./client/start-report.ts");
  try {
    await runDaemon({ ...program, ready: () => sendStartReport({ state: "ready" }) });
    return 0;
  } catch (error) {
    sendStartReport({ state: "failed", error: errorBodyOf(error) });
    throw error;
  }
}

async function host(session: string, program: Program): Promise<number> {
  const { runHost } = await import("./host/host.ts");
  await runHost(session, program);
  return 0;
}

async function probe(program: Program): Promise<number> {
  const { runProbe } = await import("./host/probe.ts");
  await runProbe(program);
  return 0;
}

async function worker(): Promise<number> {
  const { runWorkerTools } = await import("./mcp/worker.ts");
  await runWorkerTools(process.env);
  return 0;
}

async function mcp(program: Program): Promise<number> {
  const { runMcp } = await import("./mcp/server.ts");
  await runMcp(program, process.env);
  return 0;
}

/** An agent waits for it at each of its steps: no command line is parsed, and nothing of the CLI loaded. */
async function report(words: string[]): Promise<number> {
  const { reportHook } = await import("./cli/hook-report.ts");
  await reportHook(words);
  return 0;
}

/** `--home` counts anywhere before `--`, for every process alike. */
function takeHome(argv: string[]): { home: string; rest: string[] } {
  const end = argv.indexOf("--");
  const at = argv.findIndex((word, index) => (end < 0 || index < end) && /^--home(=|$)/.test(word));
  if (at < 0) return { home: defaultHome(process.env), rest: argv };
  const inline = argv[at]!.startsWith("--home=");
  const value = inline ? argv[at]!.slice("--home=".length) : argv[at + 1];
  if (!value) return { home: defaultHome(process.env), rest: argv }; // the CLI says what is missing
  return { home: resolve(value), rest: argv.toSpliced(at, inline ? 1 : 2) };
}

/** A compiled program is its own file; from source it is the bun that runs it, kept from reading files of the current folder. */
function selfCommand(): string[] {
  if (Bun.main.startsWith("/$bunfs/")) return [process.execPath];
  return [process.execPath, ...PLAIN_BUN, import.meta.path];
}
