// Runs the tests of one kind under a clean environment and ends with a line `N passed, N failed` that counts what ran.
// npm test [-- PATH…], npm run test:agents, npm run test:chaos
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const ROOT = dirname(import.meta.dir);
/** Which paths each kind is; `timeoutMs` is for one test. */
const KINDS = {
  unit: { paths: ["./src", "./test/boundaries.test.ts", "./test/e2e"], timeoutMs: 30_000 },
  agents: { paths: ["./test/agents"], timeoutMs: 180_000 },
  chaos: { paths: ["./test/chaos"], timeoutMs: 300_000 },
} as const;
type Kind = keyof typeof KINDS;
const BATCH_FILES = 24;

/** What a test may see of the environment: nothing that steers an agent, a runtime or Dispatch. */
const KEPT = ["PATH", "LANG", "LC_ALL", "TERM", "TZ", "TMPDIR", "CI", "USER", "LOGNAME", "AGENTS_TABLE"];
/** What says how hard a test tries, and with which chances. */
const EFFORT = ["CHAOS_SEED", "CHAOS_ROUNDS", "FUZZ_RUNS"];

interface Counts {
  passed: number;
  failed: number;
}

process.exit(await main(process.argv.slice(2)));

async function main(words: string[]): Promise<number> {
  const [first = "unit", ...rest] = words;
  const kind = Object.hasOwn(KINDS, first) ? (first as Kind) : "unit";
  const paths = kind === first ? rest : words;
  if (kind === "agents" && !(await installAgents())) return end({ passed: 0, failed: 1 });
  return end(
    await inFolder(async (built) => {
      const program = await buildProgram(built);
      if (program === null) return { passed: 0, failed: 1 };
      const sum = { passed: 0, failed: 0 };
      for (const batch of paths.length > 0 ? [paths] : batchesOf(KINDS[kind].paths)) {
        const { passed, failed } = await inFolder((folder) => runTests({ folder, kind, program }, batch));
        sum.passed += passed;
        sum.failed += failed;
      }
      return sum;
    }),
  );
}

/** The program as users have it: it also starts several times as fast as its source. @returns null when it fails */
async function buildProgram(folder: string): Promise<string | null> {
  const outfile = join(folder, "dispatch");
  const words = [
    "--no-env-file",
    "--config=/dev/null",
    join(ROOT, "scripts", "build.ts"),
    "--outfile",
    outfile,
  ];
  const build = Bun.spawn([process.execPath, ...words], { stdio: ["ignore", "ignore", "inherit"] });
  return (await build.exited) === 0 ? outfile : null;
}

/** Two dozen files a process: the runtime that has started thousands of others grows, and may break. */
function batchesOf(paths: readonly string[]): string[][] {
  const files = present(paths).flatMap(testFiles).sort();
  return Array.from({ length: Math.ceil(files.length / BATCH_FILES) }, (_, at) =>
    files.slice(at * BATCH_FILES, (at + 1) * BATCH_FILES),
  );
}

/** A test file, or those below a folder. */
function testFiles(path: string): string[] {
  if (path.endsWith(".test.ts")) return [path];
  if (!statSync(join(ROOT, path)).isDirectory()) return [];
  const names = readdirSync(join(ROOT, path)).filter((name) => name !== "node_modules");
  return names.flatMap((name) => testFiles(`${path}/${name}`));
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "dt-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Run {
  folder: string;
  kind: Kind;
  program: string;
}

async function runTests({ folder, kind, program }: Run, paths: readonly string[]): Promise<Counts> {
  const report = join(folder, "report.xml");
  const home = join(folder, "home");
  mkdirSync(home);
  const flags = [`--timeout=${KINDS[kind].timeoutMs}`, "--reporter=junit", `--reporter-outfile=${report}`];
  const child = Bun.spawn(
    [process.execPath, "--no-env-file", "--config=/dev/null", "test", ...flags, ...paths],
    {
      cwd: ROOT,
      env: { ...cleanEnvironment(home), TEST_PROGRAM: program },
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  const exitCode = await child.exited;
  const counts = readReport(report);
  // A file that cannot be loaded, a crash, or no test at all leaves no failed test behind.
  if (counts.failed === 0 && (exitCode !== 0 || counts.passed === 0)) counts.failed = 1;
  return counts;
}

function end({ passed, failed }: Counts): number {
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** Sums the test cases of a JUnit report; a skipped one counts as nothing. */
function readReport(path: string): Counts {
  if (!existsSync(path)) return { passed: 0, failed: 0 };
  const totals = /<testsuites\b[^>]*>/.exec(readFileSync(path, "utf8"))?.[0] ?? "";
  const count = (name: string) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(totals)?.[1] ?? 0);
  const failed = count("failures") + count("errors");
  return { passed: count("tests") - failed - count("skipped"), failed };
}

function cleanEnvironment(home: string): Record<string, string> {
  const kept = [...KEPT, ...EFFORT].flatMap((name): [string, string][] => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(kept), HOME: home, DISPATCH_HOME: join(home, ".dispatch") };
}

function present(paths: readonly string[]): string[] {
  return paths.filter((path) => existsSync(join(ROOT, path)));
}

/** The products that test/agents drives have a package file and a lock of their own. */
async function installAgents(): Promise<boolean> {
  const folder = join(ROOT, "test", "agents");
  const install = Bun.spawn(
    [process.execPath, "--no-env-file", "--config=/dev/null", "install", "--frozen-lockfile"],
    {
      cwd: folder,
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  return (await install.exited) === 0;
}
