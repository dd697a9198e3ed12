import { chmod, mkdir } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** The products that are driven for real; the names are the catalog's. */
export const PRODUCTS = ["claude", "codex", "gemini", "opencode", "qwen", "copilot", "pi"] as const;
export type Product = (typeof PRODUCTS)[number];

/** The folder of the products' command line programs, as `bun install --frozen-lockfile` leaves it. */
export const PRODUCT_BIN = join(import.meta.dir, "node_modules", ".bin");

/** Codex refuses to make its sandbox helpers below /tmp, so the homes that are made for products live here. */
export const HOMES_PARENT = "/var/tmp";

/** The model that each product asks the server for when nobody chose one. */
export const DEFAULT_MODELS: Readonly<Record<Product, string>> = {
  claude: "claude-sonnet-4-6",
  codex: "gpt-6.1-sol",
  gemini: "gemini-2.5-flash",
  opencode: "scripted-model",
  qwen: "scripted-model",
  copilot: "scripted-model",
  pi: "scripted-model",
};

const KEY = "no-key-is-needed";

/**
 * Makes `home` the home of somebody who uses this product with the scripted model: settings, and no login.
 * @param home an empty folder outside /tmp, see HOMES_PARENT
 * @returns the environment of that user's shell, complete
 */
export async function prepareHome(
  product: Product,
  { home, modelUrl }: { home: string; modelUrl: string },
): Promise<Record<string, string>> {
  await mkdir(home, { recursive: true });
  const path = [PRODUCT_BIN, process.env.PATH ?? ""].join(delimiter);
  const base = { PATH: path, HOME: home, LANG: "C.UTF-8" };
  return { ...base, ...(await SETTLE[product](home, modelUrl)) };
}

/** Writes what the product reads at its start; returns the variables that its user has set. */
const SETTLE: Readonly<Record<Product, (home: string, modelUrl: string) => Promise<Record<string, string>>>> =
  {
    async claude(_home, modelUrl) {
      return {
        ANTHROPIC_BASE_URL: modelUrl,
        ANTHROPIC_API_KEY: KEY,
        ANTHROPIC_MODEL: DEFAULT_MODELS.claude,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
        DISABLE_AUTOUPDATER: "1",
      };
    },
    async codex(home, modelUrl) {
      await Bun.write(join(home, ".codex", "config.toml"), codexConfig(modelUrl));
      return { OPENAI_API_KEY: KEY };
    },
    async gemini(home, modelUrl) {
      await writeJson(join(home, ".gemini", "settings.json"), {
        security: { auth: { selectedType: "gemini-api-key" } },
        model: { name: DEFAULT_MODELS.gemini },
        general: { disableAutoUpdate: true, enableAutoUpdate: false },
        privacy: { usageStatisticsEnabled: false },
        telemetry: { enabled: false },
      });
      return { GEMINI_API_KEY: KEY, GOOGLE_GEMINI_BASE_URL: modelUrl };
    },
    async opencode(home, modelUrl) {
      await writeJson(join(home, ".config", "opencode", "opencode.json"), opencodeConfig(modelUrl));
      return { OPENCODE_DISABLE_AUTOUPDATE: "1", OPENCODE_DISABLE_MODELS_FETCH: "1" };
    },
    async qwen(home, modelUrl) {
      await writeJson(join(home, ".qwen", "settings.json"), {
        security: { auth: { selectedType: "openai" } },
        model: { name: DEFAULT_MODELS.qwen },
        modelProviders: { openai: qwenModels(modelUrl) },
        general: { enableAutoUpdate: false, disableAutoUpdate: true },
        privacy: { usageStatisticsEnabled: false },
        telemetry: { enabled: false },
      });
      return { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: `${modelUrl}/v1`, OPENAI_MODEL: DEFAULT_MODELS.qwen };
    },
    async copilot(_home, modelUrl) {
      return {
        COPILOT_PROVIDER_BASE_URL: `${modelUrl}/v1`,
        COPILOT_PROVIDER_API_KEY: KEY,
        COPILOT_MODEL: DEFAULT_MODELS.copilot,
        COPILOT_OFFLINE: "true",
      };
    },
    async pi(home, modelUrl) {
      await writeJson(join(home, ".pi", "agent", "models.json"), piModels(modelUrl));
      await writeJson(join(home, ".pi", "agent", "settings.json"), {
        defaultProvider: "scripted",
        defaultModel: DEFAULT_MODELS.pi,
      });
      return {
        PATH: [await modernPi(home), PRODUCT_BIN, process.env.PATH ?? ""].join(delimiter),
        PI_OFFLINE: "1",
      };
    },
  };

function codexConfig(modelUrl: string): string {
  return [
    `model = "${DEFAULT_MODELS.codex}"`,
    `model_provider = "scripted"`,
    `[model_providers.scripted]`,
    `name = "scripted"`,
    `base_url = "${modelUrl}/v1"`,
    `wire_api = "responses"`,
    `env_key = "OPENAI_API_KEY"`,
    `[analytics]`,
    `enabled = false`,
    ``,
  ].join("\n");
}

/** Only this provider is enabled: otherwise hosted models are on offer, and the product looks for them. */
function opencodeConfig(modelUrl: string): object {
  const looks = { attachment: true, modalities: { input: ["text", "image"], output: ["text"] } };
  const usual = { tool_call: true, ...looks, limit: { context: 200_000, output: 8_000 } };
  const variants = { low: { reasoningEffort: "low" }, high: { reasoningEffort: "high" } };
  const models = {
    [DEFAULT_MODELS.opencode]: { ...usual, name: DEFAULT_MODELS.opencode },
    "scripted-other": { ...usual, name: "scripted-other", reasoning: true, variants },
  };
  return {
    model: `scripted/${DEFAULT_MODELS.opencode}`,
    small_model: `scripted/${DEFAULT_MODELS.opencode}`,
    enabled_providers: ["scripted"],
    autoupdate: false,
    share: "disabled",
    provider: {
      scripted: {
        npm: "@ai-sdk/openai-compatible", // bundled with the product: nothing is fetched
        name: "scripted",
        options: { baseURL: `${modelUrl}/v1`, apiKey: KEY },
        models,
      },
    },
  };
}

function qwenModels(modelUrl: string): object[] {
  const service = { envKey: "OPENAI_API_KEY", baseUrl: `${modelUrl}/v1` };
  return [DEFAULT_MODELS.qwen, "scripted-other"].map((id) => ({ id, name: id, ...service }));
}

/** A folder with a `pi` that runs on our own runtime: it needs a newer Node than may be here. */
async function modernPi(home: string): Promise<string> {
  const folder = join(home, "bin");
  const program = join(folder, "pi");
  const words = [process.execPath, "--no-env-file", "--config=/dev/null", join(PRODUCT_BIN, "pi")];
  await Bun.write(program, `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(" ")} "$@"\n`);
  await chmod(program, 0o755);
  return folder;
}

function piModels(modelUrl: string): object {
  const models = [DEFAULT_MODELS.pi, "scripted-other"].map((id) => ({
    id,
    name: id,
    reasoning: false,
    input: ["text"],
    cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
    contextWindow: 200_000,
    maxTokens: 8_000,
  }));
  const scripted = { baseUrl: `${modelUrl}/v1`, apiKey: KEY, api: "openai-completions", models };
  return { providers: { scripted } };
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await Bun.write(path, `${JSON.stringify(value, null, 2)}\n`);
}
