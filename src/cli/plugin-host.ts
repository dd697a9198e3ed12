import { DispatchError } from "../base/error.ts";

export type Scope = "user" | "project";
export type PluginAgent = keyof typeof HOSTS;

/** Our name in an agent's lists, and the plugin in its own marketplace. */
const NAME = "dispatch";
const PLUGIN = `${NAME}@${NAME}`;
/** What a product's command gets, in milliseconds. */
const COMMAND_MS = 60_000;
const MAX_COMPLAINT = 300;

/** A product's own commands for plugins, which edit its settings and keep what is not ours. */
interface PluginHost {
  program: string;
  scopes: readonly Scope[];
  add(root: string, scope: Scope): string[];
  install(scope: Scope): string[];
  uninstall(scope: Scope): string[];
  /** The folder of the marketplace that has our name, from what `plugin marketplace list --json` prints. */
  rootIn(listed: unknown): string | null;
  /** Whether the plugin is still installed somewhere, from what `plugin list --json` prints. */
  hasPlugin(listed: unknown): boolean;
}

const HOSTS = {
  claude: {
    program: "claude",
    scopes: ["user", "project"],
    add: (root, scope) => ["plugin", "marketplace", "add", root, "--scope", scope],
    install: (scope) => ["plugin", "install", PLUGIN, "--scope", scope],
    uninstall: (scope) => ["plugin", "uninstall", PLUGIN, "--scope", scope],
    rootIn: (listed) => named(listed as { name: string; path?: string }[])?.path ?? null,
    hasPlugin: (listed) => (listed as { id: string }[]).some(({ id }) => id === PLUGIN),
  },
  codex: {
    program: "codex",
    scopes: ["user"],
    add: (root) => ["plugin", "marketplace", "add", root],
    install: () => ["plugin", "add", PLUGIN],
    uninstall: () => ["plugin", "remove", PLUGIN],
    rootIn: (listed) =>
      named((listed as { marketplaces: { name: string; root?: string }[] }).marketplaces)?.root ?? null,
    hasPlugin: (listed) =>
      (listed as { installed: { pluginId: string }[] }).installed.some(({ pluginId }) => pluginId === PLUGIN),
  },
} satisfies Record<string, PluginHost>;

export const PLUGIN_AGENTS = Object.keys(HOSTS) as PluginAgent[];

export function isPluginAgent(name: string): name is PluginAgent {
  return Object.hasOwn(HOSTS, name);
}

/** The plugins of one agent on this machine, by its own command line. */
export class Plugins {
  readonly #host: PluginHost;
  readonly #program: string;
  readonly #environment: Record<string, string | undefined>;

  /** @throws DispatchError `not_found` where the agent's command is not on the PATH, `invalid` for a scope that it lacks */
  constructor(agent: PluginAgent, scope: Scope, environment: Record<string, string | undefined>) {
    this.#host = HOSTS[agent];
    const { program, scopes } = this.#host;
    const found = Bun.which(program, { PATH: environment["PATH"] ?? "" });
    if (found === null)
      throw new DispatchError("not_found", `${program} is not on the PATH`, { hint: "dispatch agents" });
    if (!scopes.includes(scope))
      throw new DispatchError("invalid", `${agent} has no plugins of a ${scope}`, {
        hint: `dispatch plugin install ${agent}`,
      });
    this.#program = found;
    this.#environment = environment;
  }

  /** Whether the marketplace of `root` is there. @throws DispatchError `conflict` where another one has our name */
  async isKnown(root: string): Promise<boolean> {
    const known = this.#host.rootIn(await this.#list("plugin", "marketplace", "list", "--json"));
    if (known === null || known === root) return known !== null;
    throw new DispatchError("conflict", `${this.#host.program} knows another ${NAME}, from ${known}`, {
      hint: `${this.#host.program} plugin marketplace remove ${NAME}`,
    });
  }

  async install(root: string, scope: Scope): Promise<void> {
    await this.#run(...this.#host.add(root, scope));
    await this.#run(...this.#host.install(scope));
  }

  /** @returns whether nothing of it is left, in another scope either */
  async remove(scope: Scope): Promise<boolean> {
    const isThere = async () => this.#host.hasPlugin(await this.#list("plugin", "list", "--json"));
    if (await isThere()) await this.#run(...this.#host.uninstall(scope));
    if (await isThere()) return false;
    await this.#run("plugin", "marketplace", "remove", NAME);
    return true;
  }

  async #list(...args: string[]): Promise<unknown> {
    return JSON.parse(await this.#run(...args));
  }

  async #run(...args: string[]): Promise<string> {
    const child = Bun.spawn([this.#program, ...args], {
      env: this.#environment,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      timeout: COMMAND_MS,
    });
    const [out, err] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    if ((await child.exited) === 0) return out;
    const complaint = Bun.stripANSI(err.trim() || out.trim()).slice(-MAX_COMPLAINT);
    throw new DispatchError("unavailable", `${this.#host.program} ${args.join(" ")} failed: ${complaint}`);
  }
}

function named<T extends { name: string }>(all: readonly T[]): T | undefined {
  return all.find(({ name }) => name === NAME);
}
