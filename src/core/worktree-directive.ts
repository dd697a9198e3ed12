import { collapseSpace } from "./line.ts";
import { namePattern } from "./model-prompt.ts";

const WORKTREE = String.raw`(?:git\s+)?worktrees?(?![\p{L}\p{N}_\-/]|\.[\p{L}\p{N}_]|['’]s\b)`;
/** "in a worktree", "use a separate worktree": an indefinite article, since "the worktree" is one that exists. */
const DIRECTIVE = new RegExp(
  String.raw`(?<![\p{L}\p{N}_-])(?:in|use)\s+(?:a|its\s+own|an\s+own)\s+(?:(?:new|own|fresh|clean|separate|isolated|dedicated)\s+)?${WORKTREE}`,
  "iu",
);
/** Not a noun: it would make "worktree" an adjective ("sonnet, worktree code is broken"). */
const ENDS = String.raw`(?=\s*(?:$|[,.:;!?()\]\n]|[-–—]\s)|\s+(?:to|for|and|please|then)\b)`;
const JOINED = String.raw`\s*(?:[,+&/(]|[-–—:]\s|\s(?:in|and)\s)\s*`;
/** "The opus worktree" exists already. */
const NOT_THE = String.raw`(?<!\b(?:the|this|that|my|our|your)\s+)`;
const STARTS = String.raw`(?:^|[,.:;!?(\[\n])\s*`;

function besideModel(name: string): RegExp {
  const model = namePattern(name);
  const behind = String.raw`${NOT_THE}${model}(?:${JOINED}|\s+)${WORKTREE}${ENDS}`;
  const before = String.raw`${STARTS}${WORKTREE}\s*[,+&]\s*${model}`;
  return new RegExp(`${behind}|${before}`, "iu");
}

/**
 * True where a prompt asks for a worktree: "in a worktree", "use a worktree", or "worktree" beside a model ("sonnet,
 * worktree"). Elsewhere the word is what the prompt is about ("fix the worktree bug").
 * @param modelNames the names that count in prompts (`promptNames`)
 */
export function worktreeWanted(prompt: string, modelNames: readonly string[]): boolean {
  const text = collapseSpace(prompt);
  return DIRECTIVE.test(text) || modelNames.some((name) => besideModel(name).test(text));
}
