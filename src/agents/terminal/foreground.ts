import { readdirSync, readFileSync } from "node:fs";

const SHELLS = new Set([
  "sh",
  "ash",
  "bash",
  "dash",
  "fish",
  "ksh",
  "mksh",
  "nu",
  "pwsh",
  "tcsh",
  "csh",
  "zsh",
]);

interface Process {
  readonly pid: number;
  readonly name: string;
  readonly group: number;
  /** The group that its terminal takes input for. */
  readonly foreground: number;
}

/** True where what is typed in the terminal of a process reaches a program, and not only a shell. */
export function isProgramInFront(pid: number): boolean {
  const front = process.platform === "linux" ? groupOnLinux(pid) : groupByPs(pid);
  return front.some(({ name }) => !SHELLS.has(name.replace(/^-/, "")));
}

function groupOnLinux(pid: number): Process[] {
  const foreground = readStat(pid)?.foreground;
  const all = readdirSync("/proc").map(Number).filter(Number.isInteger);
  return all.flatMap((each) => {
    const found = readStat(each);
    return found !== null && found.group === foreground ? found : [];
  });
}

/** proc_pid_stat(5): behind the name in brackets stand state, parent, group, session, terminal, foreground group. */
function readStat(pid: number): Process | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const end = stat.lastIndexOf(")");
    const fields = stat.slice(end + 2).split(" ");
    const name = stat.slice(stat.indexOf("(") + 1, end);
    return fields[0] === "Z" ? null : { pid, name, group: Number(fields[2]), foreground: Number(fields[5]) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return null;
    throw error;
  }
}

function groupByPs(pid: number): Process[] {
  const columns = ["/bin/ps", "-ax", "-o", "pid=,pgid=,tpgid=,ucomm="];
  const { stdout } = Bun.spawnSync(columns, { env: { LC_ALL: "C" } });
  const all = stdout
    .toString()
    .split("\n")
    .flatMap((line): Process[] => {
      const row = /^\s*(\d+)\s+(\d+)\s+(-?\d+)\s+(.*)$/.exec(line);
      if (row === null) return [];
      return [
        { pid: Number(row[1]), group: Number(row[2]), foreground: Number(row[3]), name: row[4]!.trim() },
      ];
    });
  const foreground = all.find((each) => each.pid === pid)?.foreground;
  return all.filter(({ group }) => group === foreground);
}
