// Makes dist/dispatch: the whole program in one file, which reads no bunfig.toml and no .env of the folder it is run in.
//   --target   another system to build for, such as bun-darwin-arm64; its runtime is fetched from the package registry
//   --outfile  another place for it
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";

const ROOT = dirname(import.meta.dir);
const { target, outfile } = parseArgs({
  options: {
    target: { type: "string" },
    outfile: { type: "string", default: join(ROOT, "dist", "dispatch") },
  },
}).values;

mkdirSync(dirname(outfile), { recursive: true });
const flags = [
  "--compile",
  "--bytecode",
  "--minify",
  "--splitting", // a command loads its own part only
  "--format=esm",
  "--external=react-devtools-core", // ink asks for it in development only
  '--define=process.env.NODE_ENV="production"',
  "--no-compile-autoload-bunfig",
  "--no-compile-autoload-dotenv",
  ...(target ? [`--target=${target}`] : []),
  `--outfile=${outfile}`,
];
const build = Bun.spawn(
  [process.execPath, "--no-env-file", "--config=/dev/null", "build", ...flags, join(ROOT, "src", "main.ts")],
  {
    stdio: ["ignore", "inherit", "inherit"],
  },
);
process.exit(await build.exited);
