import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Permissions } from "../protocol/permission.ts";
import { type Effect, Effect as EffectSchema } from "../protocol/rule.ts";
import { judge } from "./policy.ts";
import { rule, said, scope, shell } from "./policy.fixture.ts";

const STRICTNESS: Readonly<Record<Effect, number>> = { allow: 0, ask: 1, deny: 2 };
const PRESETS: readonly Permissions[] = ["ask", "edits", "all", "read-only"];

const WORDS = String.raw`ls rm git status push npm cat sh -c eval sudo env xargs find . a.ts -exec {} \; X=1 $X *.ts "$X" $'\x72m' \rm ~ {a,b} -`;
const word = fc.constantFrom(...WORDS.split(" "), "'rm x'");
const redirection = fc.constantFrom(
  "> out",
  "< a",
  "2>&1",
  ">> .git/config",
  "> $X",
  "&> /dev/null",
  "<<< x",
);
const simple = fc
  .tuple(fc.array(word, { minLength: 1, maxLength: 5 }), fc.option(redirection, { nil: "" }))
  .map(([words, end]) => [...words, end].join(" ").trim());
const { line } = fc.letrec<{ line: string }>((tie) => ({
  line: fc.oneof(
    { maxDepth: 4 },
    simple,
    fc
      .tuple(tie("line"), fc.constantFrom(" && ", " || ", "; ", " | ", "\n", " & "), tie("line"))
      .map((all) => all.join("")),
    tie("line").map((inner) => `(${inner})`),
    tie("line").map((inner) => `{ ${inner}; }`),
    tie("line").map((inner) => `echo $(${inner})`),
    tie("line").map((inner) => `if ${inner}; then ${inner}; fi`),
    tie("line").map((inner) => `bash -c '${inner.replaceAll("'", String.raw`'\''`)}'`),
    tie("line").map((inner) => `cat <<EOF\n$(${inner})\nEOF\n`),
  ),
}));
/** Text that is nearly a command line. */
const scrap = fc
  .array(
    fc.constantFrom(
      ..."ab$(){}[]<>|&;'\"`\\ \n\t=*?!#~-@%^:,.0123".split(""),
      "$((",
      "))",
      "<<EOF",
      "EOF",
      "[[",
      "]]",
      "${",
      "case",
      "esac",
      "do",
      "done",
    ),
    { maxLength: 40 },
  )
  .map((pieces) => pieces.join(""));
const anyText = fc.oneof(scrap, line, fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }));
const preset = fc.constantFrom(...PRESETS);
const pattern = fc
  .tuple(fc.array(fc.oneof(word, fc.constant("*")), { minLength: 1, maxLength: 3 }))
  .map(([words]) => words.join(" "));
const rules = fc.array(
  fc
    .record({
      effect: fc.constantFrom(...EffectSchema.options),
      match: fc.oneof(
        pattern.map((command) => ({ command })),
        fc.constantFrom({ path: "/repo" }, { path: "/repo/**" }, { tool: "Bash" }, { tool: "*" }),
      ),
    })
    .map(({ effect, match }) => rule(effect, match)),
  { maxLength: 4 },
);

test("reading never throws, and always says something", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(shell(text).line!.parts.length).toBeGreaterThan(0);
    }),
    { numRuns: 1_000 },
  );
});

test("one more deny, or ask, never makes a line more allowed", () => {
  fc.assert(
    fc.property(anyText, rules, pattern, preset, (text, some, command, permissions) => {
      const before = said(text, permissions, ...some);
      expect(STRICTNESS[said(text, permissions, ...some, rule("deny", command))]).toBeGreaterThanOrEqual(
        STRICTNESS[before],
      );
      // An ask may soften a preset's deny, and never allows.
      if (before !== "allow")
        expect(said(text, permissions, ...some, rule("ask", command))).not.toBe("allow");
    }),
    { numRuns: 700 },
  );
});

test("a line is allowed only where each of its parts is", () => {
  fc.assert(
    fc.property(
      line,
      line,
      fc.constantFrom(" && ", "; ", " | ", "\n"),
      rules,
      preset,
      (a, b, joint, some, permissions) => {
        fc.pre(!a.includes("<<") && !b.includes("<<"));
        if (said(`${a}${joint}${b}`, permissions, ...some) !== "allow") return;
        expect([said(a, permissions, ...some), said(b, permissions, ...some)]).toEqual(["allow", "allow"]);
      },
    ),
    { numRuns: 1_000 },
  );
});

test("what cannot be read is never allowed by a rule, and by no preset but all", () => {
  fc.assert(
    fc.property(anyText, rules, preset, (text, some, permissions) => {
      const read = shell(text);
      fc.pre(read.line!.parts.some(({ type }) => type === "unread"));
      const { effect } = judge(read, some, scope(permissions));
      if (permissions !== "all" || some.some((each) => each.effect !== "allow"))
        expect(effect).not.toBe("allow");
    }),
    { numRuns: 1_000 },
  );
});

test("a whole judgement is the strictest of its parts", () => {
  fc.assert(
    fc.property(anyText, rules, preset, (text, some, permissions) => {
      const { effect, parts } = judge(shell(text), some, scope(permissions));
      expect(STRICTNESS[effect]).toBe(Math.max(...parts.map((part) => STRICTNESS[part.effect])));
    }),
    { numRuns: 1_000 },
  );
});
