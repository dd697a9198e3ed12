// Runs the tests of one kind under a clean environment and ends with a line `N passed, N failed` that counts what ran.
// npm test [-- PATH…], npm run test:agents, npm run test:chaos
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const ROOT = dirname(import.meta.dir);
/**
 * Which paths each kind is; `timeoutMs` is for one test, on a machine that is slow and busy. A process runs so many
 * files at most, since the runtime that has started thousands of others grows, and may break; so many of these
 * processes run at once.
 */
const KINDS = {
  unit: {
    paths: ["./src", "./test/boundaries.test.ts", "./test/e2e"],
    timeoutMs: 120_000,
    files: 8,
    lanes: 2,
  },
  agents: { paths: ["./test/agents"], timeoutMs: 400_000, files: 1, lanes: 2 },
  chaos: { paths: ["./test/chaos"], timeoutMs: 300_000, files: 24, lanes: 1 },
} as const;
type Kind = keyof typeof KINDS;

/** Tests of a file that go on side by side: of more products that start at once, none is ready in its time. */
const MAX_CONCURRENT = 3;

/** What a test may see of the environment: nothing that steers an agent, a runtime or Dispatch. */
const KEPT = ["PATH", "LANG", "LC_ALL", "TERM", "TZ", "TMPDIR", "CI", "USER", "LOGNAME", "AGENTS_TABLE"];
/** What says how hard a test tries, and with which chances. */
const EFFORT = ["CHAOS_SEED", "CHAOS_ROUNDS", "FUZZ_RUNS"];

interface Counts {
  passed: number;
  failed: number;
}

const running = new Set<Bun.Subprocess>();
const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => {
    interrupted.abort();
    running.forEach((child) => child.kill(signal));
  });

process.exit(await main(process.argv.slice(2)));

async function main(words: string[]): Promise<number> {
  const [first = "unit", ...rest] = words;
  const kind = Object.hasOwn(KINDS, first) ? (first as Kind) : "unit";
  const paths = kind === first ? rest : words;
  if (kind === "agents" && !(await installAgents())) return end({ passed: 0, failed: 1 });
  const batches = paths.length > 0 ? [paths] : batchesOf(kind);
  return end(
    await inFolder(async (built) => {
      const program = await buildProgram(built);
      if (program === null) return { passed: 0, failed: 1 };
      const sum = { passed: 0, failed: 0 };
      const isAlone = batches.length === 1 || KINDS[kind].lanes === 1;
      const lane = async () => {
        for (let batch = batches.shift(); batch && !interrupted.signal.aborted; batch = batches.shift()) {
          const { passed, failed } = await runTests({ kind, program, isAlone }, batch);
          sum.passed += passed;
          sum.failed += failed;
        }
      };
      await Promise.all(Array.from({ length: KINDS[kind].lanes }, lane));
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

function batchesOf(kind: Kind): string[][] {
  const { paths, files: size } = KINDS[kind];
  const files = paths.filter((path) => existsSync(join(ROOT, path))).flatMap(testFiles);
  files.sort();
  return Array.from({ length: Math.ceil(files.length / size) }, (_, at) =>
    files.slice(at * size, (at + 1) * size),
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
  kind: Kind;
  program: string;
  /** Nothing else prints meanwhile. */
  isAlone: boolean;
}

function runTests({ kind, program, isAlone }: Run, paths: readonly string[]): Promise<Counts> {
  return inFolder(async (folder) => {
    const report = join(folder, "report.xml");
    const home = join(folder, "home");
    mkdirSync(home);
    const bounds = [`--timeout=${KINDS[kind].timeoutMs}`, `--max-concurrency=${MAX_CONCURRENT}`];
    const flags = [...bounds, "--reporter=junit", `--reporter-outfile=${report}`];
    const said = join(folder, "said");
    const output = isAlone ? "inherit" : openSync(said, "a");
    const child = Bun.spawn(
      [process.execPath, "--no-env-file", "--config=/dev/null", "test", ...flags, ...paths],
      {
        cwd: ROOT,
        env: { ...cleanEnvironment(home), TEST_PROGRAM: program },
        stdio: ["ignore", output, output],
      },
    );
    running.add(child);
    const exitCode = await child.exited;
    running.delete(child);
    if (!isAlone) process.stderr.write(readFileSync(said));
    const counts = readReport(report);
    // A file that cannot be loaded, a crash, or no test at all leaves no failed test behind.
    if (counts.failed === 0 && (exitCode !== 0 || counts.passed === 0)) counts.failed = 1;
    return counts;
  });
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
