type Command = readonly [event: string, command: string];

/** The hooks that a product was given on its command line, in the words of either product that has some. */
export class Hooks {
  readonly #commands: readonly Command[];
  readonly #told: { readonly session_id: string; readonly cwd: string };

  /** @param words its command line */
  constructor(words: readonly string[], session: string) {
    this.#commands = [...fromSettings(words), ...fromConfig(words)];
    this.#told = { session_id: session, cwd: process.cwd() };
  }

  /** Runs what is to be run at an event, and waits for it, as the products do. */
  async run(event: string, fields: Record<string, unknown> = {}): Promise<void> {
    const input = new Blob([JSON.stringify({ ...this.#told, hook_event_name: event, ...fields })]);
    for (const [on, command] of this.#commands)
      if (on === event) await Bun.spawn(["sh", "-c", command], { stdin: input, stdout: "ignore" }).exited;
  }
}

function fromSettings(words: readonly string[]): Command[] {
  const at = words.indexOf("--settings");
  if (at < 0) return [];
  const { hooks } = JSON.parse(words[at + 1]!) as {
    hooks: Record<string, { hooks: { command: string }[] }[]>;
  };
  return Object.entries(hooks).flatMap(([event, groups]) =>
    groups.flatMap((group) => group.hooks.map(({ command }): Command => [event, command])),
  );
}

const SETTING = /^hooks\.(\w+)=\[\{hooks=\[\{type="command",command=("(?:[^"\\]|\\.)*")/;

function fromConfig(words: readonly string[]): Command[] {
  return words.flatMap((word): Command[] => {
    const setting = SETTING.exec(word);
    return setting === null ? [] : [[setting[1]!, JSON.parse(setting[2]!) as string]];
  });
}
