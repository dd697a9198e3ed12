import type { Work } from "../contract.ts";

/** The script by which the scripted agent does what a test of the contract has an agent do. */
export function scriptOf(work: readonly Work[]): string {
  return work.map((each) => `scripted: ${stepOf(each)}`).join("\n");
}

function stepOf(work: Work): string {
  switch (work.do) {
    case "say":
      return `text ${work.text}`;
    case "talk":
      return "stream 100 1000000";
    case "read":
      return `tool read {"path":"${work.path}"}`;
    case "edit":
      return `edit ${work.path} ${work.content}`;
    case "run":
      return `run ${work.command}`;
    case "ask":
      return `ask ${work.question}`;
    case "todos":
      return `plan ${work.items.join("|")}`;
    case "tick":
      return `tick ${work.item}`;
    case "finish":
      return `finish ${work.summary}`;
    case "flood":
      return `flood ${work.lines} ${work.bytes}`;
    case "recall":
      return "recall";
  }
}
