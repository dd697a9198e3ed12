import type { Approval } from "../../protocol/approval.ts";
import type { Attention } from "../../protocol/attention.ts";
import type { Task } from "../../protocol/task.ts";
import type { Colour, Look } from "../output.ts";
import { callText, failedStep, offerText, questionText } from "../task-text.ts";
import { ofTask } from "./attention-list.ts";

/** What stands before a row: none of it can be written by what is shown. */
const LINE = "│ ";
const CONTINUED = "↳ ";
const GUTTER_COLUMNS = 2;
const TAB = "    ";
// oxlint-disable-next-line no-control-regex
const NARROW = /^[\u0020-\u007e]*$/;

/** What a task asks, whole: rows of a terminal, none too wide for it, the call that waits first. */
export interface Asked {
  readonly rows: readonly string[];
  readonly call: AskedCall | null;
}

export const NOTHING_ASKED: Asked = { rows: [], call: null };

/** The rows of the call that waits: the first ones. */
export interface AskedCall {
  readonly key: string;
  readonly rows: number;
}

/** One thing that is asked, under a mark; its text may be anybody's. */
interface Part {
  readonly mark: "? " | "! ";
  readonly colour: Colour;
  readonly text: string;
}

/** What a call is known by: another try of it may be shown with other words. */
export function keyOf({ id, epoch }: Approval): string {
  return `${id} ${epoch}`;
}

/** A host keeps the beginning of an input that is too long: the rest can be read nowhere. */
export function isCut({ call: { input } }: Approval): boolean {
  return typeof input === "object" && input !== null && "beginning" in input && "sha256" in input;
}

export function askedOf(
  task: Task,
  attention: Attention,
  { look, columns }: { look: Look; columns: number },
): Asked {
  const waiting = ofTask(attention, task.id);
  const rowsOf = (parts: Part[]) => parts.flatMap((part) => partRows(part, look, columns));
  const [approval] = waiting.approvals;
  const callRows = approval ? rowsOf([callPart(approval, waiting.approvals.length)]) : [];
  return {
    rows: [...callRows, ...rowsOf(otherParts(task, attention))],
    call: approval ? { key: keyOf(approval), rows: callRows.length } : null,
  };
}

function callPart(approval: Approval, waiting: number): Part {
  const { offer = [] } = approval;
  const lines = [`wants to use ${callText(approval)}`];
  if (offer.length > 0) lines.push(`s would allow for the session: ${offerText(offer)}`);
  if (waiting > 1) lines.push(`${waiting - 1} more after it`);
  return { mark: "? ", colour: "yellow", text: lines.join("\n") };
}

function otherParts(task: Task, attention: Attention): Part[] {
  const { questions, flags, messages, blockers } = ofTask(attention, task.id);
  const before = attention.blockers.filter((blocker) => task.blockedBy.includes(blocker.task));
  const asks = [
    ...questions.slice(0, 1).map(questionText),
    ...blockers.map(blockerText),
    ...before.map(
      ({ slug, state, ...failure }) =>
        `${slug} ${stateText(state)}: ${failedStep(slug, failure)}, or c cancels this one`,
    ),
    ...messages.map(({ text }) => `a message waits for you: ${text}`),
  ];
  return [
    ...asks.map((text): Part => ({ mark: "? ", colour: "yellow", text })),
    ...flags.map(({ text }): Part => ({ mark: "! ", colour: "red", text })),
  ];
}

function blockerText({ slug, state, blocks, ...failure }: Attention["blockers"][number]): string {
  return `it ${stateText(state)}, so these do not start: ${blocks.join(", ")}\nr tries it again, or ${failedStep(slug, failure)}`;
}

function stateText(state: string): string {
  return state === "failed" ? "failed" : "was canceled";
}

function partRows({ mark, colour, text }: Part, look: Look, columns: number): string[] {
  const room = Math.max(1, columns - GUTTER_COLUMNS);
  const [first = [], ...rest] = text.split("\n").map((line) => chunks(line.replaceAll("\t", TAB), room));
  const head = first.map((chunk, at) => look.colour(colour, `${at === 0 ? mark : CONTINUED}${chunk}`));
  const others = rest.flatMap((line) =>
    line.map((chunk, at) => `${look.dim(at === 0 ? LINE : CONTINUED)}${chunk}`),
  );
  return [...head, ...others];
}

/** A line in pieces of so many columns, whatever a terminal makes of its characters: those beyond ASCII count two. */
function chunks(line: string, columns: number): string[] {
  if (NARROW.test(line)) return line.match(new RegExp(`.{1,${columns}}`, "g")) ?? [""];
  const pieces: string[] = [];
  let piece = "";
  let used = 0;
  for (const character of clusters(line, columns)) {
    const width = widest(character);
    if (used + width > columns && piece !== "") {
      pieces.push(piece);
      [piece, used] = ["", 0];
    }
    piece += character;
    used += width;
  }
  return [...pieces, piece];
}

/** What stands as one character, or its parts where it is too wide for a row. */
function* clusters(line: string, columns: number): Generator<string> {
  for (const { segment } of new Intl.Segmenter().segment(line))
    if (widest(segment) <= columns) yield segment;
    else yield* segment;
}

function widest(text: string): number {
  return Array.from(text).reduce((sum, character) => sum + (NARROW.test(character) ? 1 : 2), 0);
}
