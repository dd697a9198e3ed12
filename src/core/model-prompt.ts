import { FAMILIES, GENERIC_MODEL_IDS, NEVER_IN_PROMPTS, ORDINARY_WORDS } from "./families.ts";
import { collapseSpace } from "./line.ts";
import {
  agentNames,
  isAvailable,
  labelsOf,
  MAX_NAME_CHARS,
  type ModelSources,
  resolveName,
  VERSION,
} from "./model-names.ts";

/** A whole word that is no part of a path, a file name, a longer name or a possessive. */
const BEFORE = String.raw`(?<![\p{L}\p{N}_\-./@\\#])`;
const AFTER = String.raw`(?![\p{L}\p{N}_\-/\\@]|\.[\p{L}\p{N}_]|['’]s\b)`;
/** The words that turn what follows into a name. */
const VERB = new RegExp(
  String.raw`${BEFORE}(?:use|with|have|dispatch)\s+(?:to\s+)?(?:the\s+)?(?:model\s+)?`,
  "giu",
);
/** What follows a name, where a noun would show that it was an adjective: "use cursor pagination". */
const NAME_ENDS = String.raw`(?=\s*(?:$|[,.:;!?()\n])|\s+(?:to|for|and|in|on|as|write|review|fix)\b)`;
const MODEL_TOKEN = /^[\p{L}\p{N}][\p{L}\p{N}_.\-/:[\]]*(?<![.:])/u;
/** A prompt says early what to use; each verb costs a look into all lists. */
const MAX_VERBS = 1_000;
const LETTERS_ONLY = /^\p{L}+$/u;

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
}

/** A name as a whole word, possibly with a version behind it. */
export function namePattern(name: string): string {
  return `${BEFORE}${escaped(name)}${VERSION}${AFTER}`;
}

/** True where a prompt names exactly this, and not a longer name that is known too. */
function isNamed(prompt: string, name: string, names: ReadonlySet<string>): boolean {
  for (const [match] of prompt.matchAll(new RegExp(namePattern(name), "giu"))) {
    const said = match.toLowerCase();
    if (said === name.toLowerCase() || !names.has(said)) return true;
  }
  return false;
}

/** Names of agents and families that a prompt may use anywhere. */
function commonNames(sources: ModelSources): string[] {
  const families = FAMILIES.filter((family) => family.agents.some((agent) => isAvailable(sources, agent)));
  const agents = agentNames(sources).filter(
    (agent) => isAvailable(sources, agent) && !ORDINARY_WORDS.has(agent) && !NEVER_IN_PROMPTS.has(agent),
  );
  return [...new Set([...families.flatMap((family) => family.names), ...agents])];
}

/**
 * The names that count anywhere in a prompt, the last one winning: agents and families, the models of the config in
 * its order, its aliases.
 */
export function promptNames(sources: ModelSources): string[] {
  const { models, aliases } = sources.config;
  return [...commonNames(sources), ...Object.keys(models), ...Object.keys(aliases)];
}

/** What the agents' lists offer, in lower case, the longest first. */
function offeredLabels(sources: ModelSources): string[] {
  const labels = sources.known
    .flatMap((each) => each.models.flatMap(labelsOf))
    .map((label) => label.toLowerCase());
  return [...new Set(labels)]
    .filter((label) => label !== "" && !GENERIC_MODEL_IDS.has(label))
    .sort((a, b) => b.length - a.length);
}

/** A model that an agent offers under exactly the words at the start of `text`. */
function listedAt(labels: readonly string[], text: string): string | null {
  const lower = text.toLowerCase();
  const found = labels.find((label) => {
    const ends = LETTERS_ONLY.test(label) ? NAME_ENDS : AFTER;
    return lower.startsWith(label) && new RegExp(`^${escaped(label)}${ends}`, "u").test(lower);
  });
  return found === undefined ? null : text.slice(0, found.length);
}

/** A name at the start of `text` that shows its vendor and that the vendor's agent here may know. */
function vendorNameAt(sources: ModelSources, text: string): string | null {
  const token = MODEL_TOKEN.exec(text)?.[0];
  if (token === undefined || NEVER_IN_PROMPTS.has(token.toLowerCase())) return null;
  const id = token.slice(token.indexOf("/") + 1);
  const provider = token.slice(0, Math.max(0, token.indexOf("/"))).toLowerCase();
  const meaning = resolveName(sources, token);
  if (!meaning || !isAvailable(sources, meaning.agent)) return null;
  if (provider !== "")
    return FAMILIES.some((each) => each.provider === provider && each.ids.test(id)) ? token : null;
  const isShort = /^(?:opus|sonnet|haiku)$/i.test(meaning.name);
  const hasList = sources.known.some((each) => each.agent === meaning.agent && each.models.length > 0);
  return meaning.isNew && (isShort || !hasList) ? token : null;
}

function ordinaryAgentAt(sources: ModelSources, text: string): string | null {
  const agents = [...ORDINARY_WORDS].filter((agent) => isAvailable(sources, agent));
  return agents.find((agent) => new RegExp(`^${escaped(agent)}${NAME_ENDS}`, "iu").test(text)) ?? null;
}

/** The last name after `use`, `with`, `have` or `dispatch` that an agent here knows, though no config does. */
function learnedName(sources: ModelSources, prompt: string): string | null {
  const labels = offeredLabels(sources);
  const found = [...prompt.matchAll(VERB).take(MAX_VERBS)].map((verb) => {
    const start = verb.index + verb[0].length;
    const text = prompt.slice(start, start + MAX_NAME_CHARS);
    return listedAt(labels, text) ?? vendorNameAt(sources, text) ?? ordinaryAgentAt(sources, text);
  });
  return found.findLast((name) => name !== null) ?? null;
}

/**
 * The model that a prompt names, by whole words; null where it names none. Of several the last in the config's order
 * counts, not in the text's: one prompt is one task. A name that no config knows stands behind the config's last, and
 * counts only after `use`, `with`, `have` or `dispatch`.
 */
export function nameInPrompt(sources: ModelSources, prompt: string): string | null {
  const text = collapseSpace(prompt);
  const names = promptNames(sources);
  const lower = new Set(names.map((name) => name.toLowerCase()));
  const learned = learnedName(sources, text);
  if (learned !== null && !lower.has(learned.toLowerCase())) return learned;
  return names.findLast((name) => isNamed(text, name, lower)) ?? null;
}
