import { DispatchError } from "../base/error.ts";
import { spanMs } from "../protocol/span.ts";
import type { Budget, Spent } from "../protocol/task.ts";
import { formatDuration } from "./duration.ts";

export const NOTHING_SPENT: Spent = { dollars: 0, tokens: 0 };

/** What is held against a budget: what the agents report, and how long they worked, in milliseconds. */
export interface Used extends Spent {
  readonly timeMs: number;
}

type Measure = keyof Used;
const MEASURES: readonly Measure[] = ["dollars", "tokens", "timeMs"];
const SCALES: Readonly<Record<string, number>> = { "": 1, k: 1_000, m: 1_000_000 };
const AMOUNT = /^(?<dollar>\$)?(?<number>\d{1,12}(?:\.\d{1,6})?)(?<scale>[km])?(?<unit>\$|usd|tok)?$/;
const SHARE = /^\+?(?<percent>\d{1,4})%$/;
const CENT = 0.01;

export function addSpent(one: Spent, other: Spent): Spent {
  return { dollars: one.dollars + other.dollars, tokens: one.tokens + other.tokens };
}

/** What of a budget is used up, money first; null while there is something left of all that it limits. */
export function usedUp(used: Used, budget: Budget | null): Measure | null {
  return MEASURES.find((measure) => used[measure] >= (budget?.[measure] ?? Infinity)) ?? null;
}

/**
 * Reads `$5`, `5usd`, `200ktok`, `1.5Mtok`, `2h`, `1h30m`, or one of each kind together.
 * @throws DispatchError `invalid` for any other text, and for one that names a measure twice
 */
export function parseBudget(text: string): Budget {
  const parts = text.split(/[\s,]+/).filter((part) => part !== "");
  const amounts = parts.map((part) => readAmount(part, null) ?? refuse(text));
  const measures = new Set(amounts.map(({ measure }) => measure));
  if (amounts.length === 0 || measures.size < amounts.length) return refuse(text);
  return Object.fromEntries(amounts.map(({ measure, amount }) => [measure, amount]));
}

/**
 * Reads the answer to "how much more": `2`, `$2`, `100ktok`, `30m` (beyond what is used by now), `+50%` (of the budget
 * as it was), `no limit`, `stop`.
 * @returns the budget from here on, null for none
 * @throws DispatchError `invalid` for any other text
 */
export function parseMore(
  text: string,
  { used, budget }: { used: Used; budget: Budget },
): Budget | null | "stop" {
  const words = text.trim().toLowerCase().replaceAll(/\s+/g, " ").replace(/[.!]$/, "");
  if (words === "stop") return words;
  if (words === "no limit" || words === "unlimited") return null;
  const short = shortOf(used, budget);
  const percent = SHARE.exec(words)?.groups?.["percent"];
  if (percent !== undefined && Number(percent) > 0)
    return raised(budget, short, used[short] + (budget[short]! * Number(percent)) / 100);
  const more = readAmount(words.replace(/^\+ ?/, "").replace(/ more$/, ""), short);
  if (more) return raised(budget, more.measure, used[more.measure] + more.amount);
  throw new DispatchError("invalid", `${JSON.stringify(text.slice(0, 40))} is no amount`, {
    hint: "answer with $2, 100ktok, 30m, +50%, no limit or stop",
  });
}

/** `$4.10 of $4.00`: what is used up, and what it was to be. */
export function usedOf(used: Used, budget: Budget): string {
  const measure = shortOf(used, budget);
  return `${amountText(measure, used[measure])} of ${amountText(measure, budget[measure] ?? 0)}`;
}

/** What a budget lacks, or else the first that it limits. */
function shortOf(used: Used, budget: Budget): Measure {
  return usedUp(used, budget) ?? MEASURES.find((measure) => budget[measure] !== undefined) ?? "dollars";
}

function raised(budget: Budget, measure: Measure, amount: number): Budget {
  return { ...budget, [measure]: measure === "dollars" ? amount : Math.ceil(amount) };
}

/**
 * Tokens are known by `tok` or a scale, so that `2` is never two tokens; `m` alone are minutes.
 * @param bare what a number with neither unit nor scale counts; null: it is no amount
 */
function readAmount(text: string, bare: Measure | null): { measure: Measure; amount: number } | null {
  const timeMs = spanMs(text);
  if (timeMs !== null) return { measure: "timeMs", amount: timeMs };
  const parts = AMOUNT.exec(text.toLowerCase())?.groups;
  if (!parts) return null;
  const { dollar, number, scale = "", unit } = parts;
  const amount = Number(number) * SCALES[scale]!;
  const isMoney = dollar !== undefined || unit === "$" || unit === "usd";
  if (amount <= 0 || (isMoney && (scale !== "" || unit === "tok"))) return null;
  if (isMoney) return { measure: "dollars", amount };
  if (unit === "tok" || scale === "k") return { measure: "tokens", amount: Math.ceil(amount) };
  return scale === "" && bare === "dollars" ? { measure: bare, amount } : null;
}

function amountText(measure: Measure, amount: number): string {
  if (measure === "timeMs") return formatDuration(amount);
  if (measure === "dollars") return `$${amount.toFixed(amount > 0 && amount < CENT ? 4 : 2)}`;
  if (amount >= SCALES["m"]!) return `${trimmed(amount / SCALES["m"]!)}M tokens`;
  return amount >= SCALES["k"]! ? `${trimmed(amount / SCALES["k"]!)}k tokens` : `${amount} tokens`;
}

/** At most one digit behind the point. */
function trimmed(amount: number): string {
  return amount.toFixed(1).replace(/\.0$/, "");
}

function refuse(text: string): never {
  throw new DispatchError("invalid", `${JSON.stringify(text.slice(0, 40))} is no budget`, {
    hint: "write it as $5, 200ktok, 2h or several of them",
  });
}
