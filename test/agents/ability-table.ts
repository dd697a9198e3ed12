import type { Ability, Showing } from "../../src/agents/contract.ts";

const COLUMNS: readonly Ability[] = [
  "starts and edits",
  "model",
  "usage",
  "todo list",
  "worker tools",
  "question",
  "asks before it edits",
  "asks for every call",
  "cancel leaves nothing",
  "resume",
];

/** What the contract's tests showed of the products, as a page of the documentation. */
export class AbilityTable {
  readonly #rows = new Map<string, Map<Ability, Showing>>();
  readonly #versions = new Map<string, string>();

  add(product: string, version: string): void {
    this.#versions.set(product, version);
    this.#rows.set(product, new Map());
  }

  record(product: string, ability: Ability, showing: Showing): void {
    this.#rows.get(product)!.set(ability, showing);
  }

  /** @param day of the run, as YYYY-MM-DD */
  markdown(day: string): string {
    const notes: string[] = [];
    const rows = [...this.#rows].map(([product, shown]) => {
      const cells = COLUMNS.map((ability) => cell(shown.get(ability), notes));
      return `| ${[product, this.#versions.get(product)!, ...cells].join(" | ")} |`;
    });
    return [
      "# What each agent can do",
      "",
      `Shown by the tests of ${day}: each product as it is installed from its registry, offline, with a scripted model in the place of its service. \`npm run agents:table\` writes this page; \`dispatch agents\` says the same of the ones on your machine.`,
      "",
      `| agent | version | ${COLUMNS.join(" | ")} |`,
      `|---|---|${COLUMNS.map(() => "---|").join("")}`,
      ...rows,
      "",
      ...notes.map((note, index) => `${index + 1}. ${note}`),
      "",
      "Cursor is on no registry: its rows are those of a stand-in that does what its documentation says.",
      "",
    ].join("\n");
  }
}

/** Yes, the number of the reason why not, or a question mark for a test that did not pass. */
function cell(showing: Showing | undefined, notes: string[]): string {
  if (showing === undefined) return "?";
  if (showing.shown) return "yes";
  if (!notes.includes(showing.because)) notes.push(showing.because);
  return `no (${notes.indexOf(showing.because) + 1})`;
}
