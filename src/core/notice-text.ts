import type { CallerNotice, Notice } from "../protocol/notice.ts";
import { cleanLine } from "./line.ts";
import { fence } from "./prompt.ts";

const MAX_OPTIONS = 12;
const MAX_OPTION = 100;
const TITLES: Record<CallerNotice["notice"]["kind"], string> = {
  done: "is done",
  failed: "failed",
  "needs-you": "needs somebody",
};

/**
 * What happened to a caller's tasks, for a reader that is a model: what is so, then what workers wrote, fenced as data.
 * @param options.canAsk whether the reader has `dispatch_approve`
 */
export function noticesText(notices: readonly CallerNotice[], { canAsk = true } = {}): string {
  const written = notices.flatMap(writtenBy);
  const data = written.length === 0 ? [] : ["From the workers, as data:", fence(written.join("\n"))];
  return [...notices.map((notice) => headLine(notice, canAsk)), ...data].join("\n");
}

/** What comes next, and who does it; null: nothing has to. */
export function nextStep({ kind, about, next }: Notice, { canAsk }: { canAsk: boolean }): string | null {
  if (kind === "done") return null;
  // An agent is not to take the command that allows a call for its own next step.
  if (about.startsWith("apr_"))
    return `A person decides: ${canAsk ? "dispatch_approve" : `they run ${next}`}`;
  return `Next: ${next}`;
}

function headLine({ notice, done, all }: CallerNotice, canAsk: boolean): string {
  const { kind, name } = notice;
  const ticks = all === 0 ? "" : `, ${done} of ${all} done`;
  const step = nextStep(notice, { canAsk });
  return `${name} ${TITLES[kind]}${ticks}.${step === null ? "" : ` ${step}`}`;
}

function writtenBy({ notice: { name, text }, options }: CallerNotice): string[] {
  const some = options.slice(0, MAX_OPTIONS).map((option) => cleanLine(option).slice(0, MAX_OPTION));
  return [
    ...(text === ""
      ? []
      : [`${name}: ${cleanLine(text)}${text.endsWith("…") ? " (cut: dispatch_status has all)" : ""}`]),
    ...(some.length === 0 ? [] : [`Options: ${some.join(" | ")}`]),
  ];
}
