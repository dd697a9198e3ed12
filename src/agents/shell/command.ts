/** The first code span of Markdown: https://spec.commonmark.org/0.31.2/#code-spans */
const CODE_SPAN = /(?<!`)(`+)(?!`)(?<code>.+?)(?<!`)\1(?!`)/u;

/** What an item of a checklist tells the shell agent to run, and what a person reads of it. */
export interface ShellCommand {
  readonly command: string;
  readonly title: string;
}

/** The command of an item: its code span, the rest being its description; without a span, all of its text. */
export function commandOf(text: string): ShellCommand {
  const span = CODE_SPAN.exec(text);
  if (span?.groups?.code === undefined) return { command: text.trim(), title: text.trim() };
  const title = text
    .replace(span[0], "")
    .replace(/[\s:–-]+$/u, "")
    .trim();
  const command = span.groups.code.trim();
  return { command, title: title === "" ? command : title };
}
