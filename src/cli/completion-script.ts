import { NoDaemonError } from "../client/client.ts";
import { createRunningClient } from "../client/local.ts";
import type { Context } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { flagWords, GLOBAL_FLAGS } from "./parse.ts";
import { sessionName } from "./session-words.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

interface Line {
  name: string;
  summary: string;
  flags: string[];
  takesId: boolean;
}

/** A shell's completions of every command, flag and open task. */
export async function completionScript(shell: Shell): Promise<string> {
  const lines = await allLines();
  switch (shell) {
    case "bash":
      return bash(lines);
    case "zsh":
      return zsh(lines);
    case "fish":
      return fish(lines);
  }
}

/**
 * The slugs of tasks and the names of sessions, one a line; none where no daemon runs, since a completion must start
 * nothing.
 */
export async function knownIds(context: Context): Promise<string> {
  try {
    const client = createRunningClient(context.local);
    const [{ tasks }, { sessions }] = await Promise.all([
      client.call("listTasks", {}, {}),
      client.call("listSessions", {}, { origin: "manual" }),
    ]);
    return [...tasks.map(({ slug }) => slug), ...sessions.map(sessionName)].map((id) => `${id}\n`).join("");
  } catch (error) {
    if (error instanceof NoDaemonError) return "";
    throw error;
  }
}

async function allLines(): Promise<Line[]> {
  const named = Object.entries(COMMANDS).filter(([name]) => name !== "");
  return await Promise.all(
    named.map(async ([name, entry]) => {
      const { flags, operands } = await entry.load();
      const takesId = operands[0]?.includes("ID") ?? false;
      return { name, summary: entry.summary, flags: flagWords({ ...flags, ...GLOBAL_FLAGS }), takesId };
    }),
  );
}

/** Command words by how many of them were typed: `""` → all first words, `daemon` → its second words. */
function words(lines: readonly Line[], before: string): string[] {
  const from = before === "" ? 0 : before.length + 1;
  const matching = lines.filter(({ name }) => before === "" || name.startsWith(`${before} `));
  return [...new Set(matching.map(({ name }) => name.slice(from).split(" ")[0]!))].filter(
    (word) => word !== "",
  );
}

function groups(lines: readonly Line[]): string[] {
  return words(lines, "").filter((word) => words(lines, word).length > 0);
}

function bash(lines: readonly Line[]): string {
  return `_dispatch() {
  local current="\${COMP_WORDS[COMP_CWORD]}" name="\${COMP_WORDS[1]}" offered=""
  if [[ $COMP_CWORD -eq 1 ]]; then offered="${words(lines, "").join(" ")}"
  else
    case "$name \${COMP_WORDS[2]}" in
${cases(lines)}
    esac
  fi
  COMPREPLY=($(compgen -W "$offered" -- "$current"))
}
complete -o default -F _dispatch dispatch
`;
}

/** The branches of a POSIX \`case\` over "first second", setting \`offered\`; longer names stand first. */
function cases(lines: readonly Line[]): string {
  const branches = [...lines]
    .sort((a, b) => b.name.split(" ").length - a.name.split(" ").length)
    .map(({ name, flags, takesId }) => {
      const more = groups(lines).includes(name) ? ` ${words(lines, name).join(" ")}` : "";
      const ids = takesId ? " $(dispatch completions ids 2>/dev/null)" : "";
      return `      "${name}"${name.includes(" ") ? "" : '" "*'}) offered="${flags.join(" ")}${more}${ids}" ;;`;
    });
  const bare = groups(lines)
    .filter((group) => !lines.some(({ name }) => name === group))
    .map((group) => `      "${group}"" "*) offered="${words(lines, group).join(" ")}" ;;`);
  return [...branches, ...bare].join("\n");
}

function zsh(lines: readonly Line[]): string {
  const first = words(lines, "").map((word) => {
    const summary = lines.find(({ name }) => name === word)?.summary ?? words(lines, word).join(", ");
    return `    '${word}:${summary.replaceAll("'", "'\\''").replaceAll(":", "\\:")}'`;
  });
  return `#compdef dispatch
_dispatch() {
  local offered=""
  if (( CURRENT == 2 )); then
    local -a commands=(
${first.join("\n")}
    )
    _describe command commands
    return
  fi
  case "$words[2] $words[3]" in
${cases(lines)}
  esac
  compadd -- \${=offered} || _files
}
if [[ $funcstack[1] == _dispatch ]]; then _dispatch "$@"; else compdef _dispatch dispatch; fi
`;
}

function fish(lines: readonly Line[]): string {
  const quoted = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const out = words(lines, "").map((word) => {
    const summary = lines.find(({ name }) => name === word)?.summary ?? "";
    return `complete -c dispatch -n __fish_use_subcommand -f -a ${word} -d ${quoted(summary)}`;
  });
  for (const group of groups(lines))
    out.push(
      `complete -c dispatch -n '__fish_seen_subcommand_from ${group}' -f -a ${quoted(words(lines, group).join(" "))}`,
    );
  for (const { name, flags, takesId } of lines) {
    const when = name
      .split(" ")
      .map((word) => `__fish_seen_subcommand_from ${word}`)
      .join("; and ");
    for (const flag of flags.filter((each) => each.startsWith("--")))
      out.push(`complete -c dispatch -n ${quoted(when)} -l ${flag.slice(2)}`);
    if (takesId)
      out.push(`complete -c dispatch -n ${quoted(when)} -f -a '(dispatch completions ids 2>/dev/null)'`);
  }
  return `${out.join("\n")}\n`;
}
