import type { Merge, MergeStatus } from "../protocol/merge.ts";
import { type Colour, indent, type Look } from "./output.ts";

/** The output of a gate that a person is shown: lines of its end. */
const SHOWN_LINES = 10;

/** A merge's state in its colour. */
export function mergeCell({ status }: Merge, look: Look): string {
  const colour = colourOf(status);
  return colour ? look.colour(colour, status.state) : status.state;
}

/** What more there is to say of a merge, in one line. */
export function mergeNote({ status, handbacks }: Merge): string {
  switch (status.state) {
    case "waiting":
      return handbacks > 0 ? "its worker has settled it" : "";
    case "rebasing":
    case "canceled":
      return "";
    case "gating":
    case "merged":
      return status.commit.slice(0, 12);
    case "resolving":
      return `its worker has it back: ${troubleLine(status.trouble)}`;
    case "conflict":
    case "gate-failed":
      return troubleLine(status.trouble);
    case "refused":
      return status.message;
  }
}

/** One merge as a person reads it, and what to do where that is theirs. */
export function mergeText(merge: Merge, look: Look): string {
  const line = `${look.bold(merge.slug)} into ${targetText(merge)}: ${mergeCell(merge, look)}`;
  const note = mergeNote(merge);
  const steps = mergeSteps(merge).join("   ");
  const next = steps === "" ? [] : [`Next: ${steps}`];
  return [note === "" ? `${line}.` : `${line}, ${note}`, ...outputOf(merge), ...next].join("\n");
}

/** The commands that a merge which ended badly leaves to a person. */
export function mergeSteps({ slug, status }: Merge): string[] {
  switch (status.state) {
    case "conflict":
    case "gate-failed":
      return [`dispatch resume ${slug}`, `dispatch merge ${slug} --queue`];
    case "refused":
      return status.hint === undefined ? [] : [status.hint];
    case "waiting":
    case "rebasing":
    case "gating":
    case "resolving":
    case "merged":
    case "canceled":
      return [];
  }
}

/** The branch that a merge lands on; of several repositories each with its name. */
export function targetText({ target, also }: Pick<Merge, "target" | "also">): string {
  return [target, ...also.map((each) => `${each.target} of ${each.name}`)].join(", ");
}

function outputOf({ status }: Merge): string[] {
  if (status.state !== "gate-failed" || status.trouble.output === "") return [];
  return [indent(status.trouble.output.split("\n").slice(-SHOWN_LINES).join("\n"))];
}

function troubleLine(trouble: Extract<MergeStatus, { state: "resolving" }>["trouble"]): string {
  const where = trouble.place === undefined ? "" : `${trouble.place}: `;
  switch (trouble.kind) {
    case "conflict":
      return `${where}conflicts in ${trouble.files.join(", ")}`;
    case "gate":
      return `${where}${trouble.command} ${trouble.timedOut ? "took too long" : `ended with ${trouble.exitCode}`}`;
  }
}

function colourOf(status: MergeStatus): Colour | null {
  switch (status.state) {
    case "merged":
      return "green";
    case "conflict":
    case "gate-failed":
    case "refused":
      return "red";
    case "resolving":
      return "yellow";
    case "rebasing":
    case "gating":
      return "blue";
    case "waiting":
    case "canceled":
      return null;
  }
}
