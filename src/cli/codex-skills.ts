/** Skills that Codex gets as Claude Code has them. */
const SHARED =
  /^skills\/(create-worker|discover-projects|dispatch-session|route|work-sessions|workstation)\//;

/** The files of the plugin for Claude Code, by their paths in it, that the one for Codex has too: nothing stands there for what was asked. */
export function codexSkills(files: Readonly<Record<string, string>>): Record<string, string> {
  const shared = Object.entries(files).filter(([path]) => SHARED.test(path));
  return Object.fromEntries(shared.map(([path, text]) => [path, withoutArguments(text)]));
}

function withoutArguments(text: string): string {
  return text.replace(/^argument-hint: .*\n/m, "").replace("What was asked: $ARGUMENTS\n\n", "");
}
