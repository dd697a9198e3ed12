import { cpus, release, totalmem, type } from "node:os";
import { VERSION } from "../src/base/version.ts";

const GIB = 1024 ** 3;

/** The machine in a line: what a reader needs to judge the numbers, and nothing that names it. */
export function machine(): string {
  const cores = cpus();
  return [
    `${cores[0]?.model.trim() ?? process.arch}, ${cores.length} cores`,
    `${Math.round(totalmem() / GIB)} GiB`,
    `${type()} ${release()}`,
  ].join(", ");
}

export function versions(): string {
  const { stdout } = Bun.spawnSync(["node", "--version"]);
  return `dispatch ${VERSION}, Bun ${Bun.version}, Node ${stdout.toString().trim().slice(1)}`;
}
