import type { Case, Result, Target } from "./bench.ts";
import { machine, versions } from "./machine.ts";
import { figure, ratio } from "./samples.ts";

/** A case as it is printed and kept: its table, and each target with what was measured. */
export function section({ name, about }: Case, { rows, targets }: Result): string {
  return [`## ${name}`, about, table(rows), ...(targets.length === 0 ? [] : [table(judged(targets))])].join(
    "\n\n",
  );
}

/** The file of results. */
export function report(sections: readonly string[], at: Date): string {
  const head = [
    "# Benchmarks",
    "Made by `npm run bench`, which writes this file anew. Every case runs beside a bare program that does the least that could be done, in turns with it, so compare by the ratios: the times are this machine's.",
    `${at.toISOString().slice(0, 10)} on ${machine()}; ${versions()}.`,
  ];
  return `${[...head, ...sections].join("\n\n")}\n`;
}

function judged(targets: readonly Target[]): string[][] {
  const rows = targets.map(({ what, value, limit, unit, atLeast }) => {
    const met = atLeast ? value >= limit : value <= limit;
    const wanted = `${atLeast ? "≥" : "≤"} ${figure(limit)} ${unit}`.trimEnd();
    return [
      what,
      wanted,
      `${figure(value)} ${unit}`.trimEnd(),
      met ? "met" : `missed, ${ratio(value, limit)}`,
    ];
  });
  return [["target", "wanted", "measured", ""], ...rows];
}

/** A markdown table whose columns line up, so that it serves a terminal as well. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(3, ...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) => {
    const cells = row.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
    );
    return `| ${cells.join(" | ")} |`;
  };
  const rule = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  const [heading, ...body] = rows;
  return [line(heading!), line(rule), ...body.map(line)].join("\n");
}
