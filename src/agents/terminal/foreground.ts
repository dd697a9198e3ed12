import { listPids, procScratch, ps, readStat } from "../../processes/proc.ts";

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

/** True where what is typed in the terminal of a process reaches a program, and not only a shell. */
export function isProgramInFront(pid: number): boolean {
  const names = process.platform === "linux" ? inFrontOnLinux(pid) : inFrontByPs(pid);
  return names.some((name) => !SHELLS.has(name.replace(/^-/, "")));
}

/** The names of the processes that the terminal of one takes input for. */
function inFrontOnLinux(pid: number): string[] {
  const front = readStat(pid)?.tpgid;
  const scratch = procScratch();
  const all = listPids().flatMap((each) => readStat(each, scratch) ?? []);
  return all.filter(({ pgrp, state }) => pgrp === front && state !== "Z").map(({ comm }) => comm);
}

function inFrontByPs(pid: number): string[] {
  const all = ps("-ax", "-o", "pid=,pgid=,tpgid=,ucomm=").matchAll(/^\s*(\d+)\s+(\d+)\s+(-?\d+)\s+(.*)$/gm);
  const rows = [...all].map(([, ...row]) => row);
  const front = rows.find(([own]) => own === String(pid))?.[2];
  return rows.filter(([, group]) => group === front).map(([, , , name]) => name!.trim());
}
