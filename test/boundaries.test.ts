import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const ROOT = dirname(import.meta.dir);
const PRODUCT = join(ROOT, "src");
/** Rooms whose rules must give the same result on every machine and in a browser. */
const PURE = new Set(["protocol", "core"]);
const TESTING = /\.(test|fixture)\.ts$/;

/** The import table of ARCHITECTURE.md: folder → what it may import. */
function readTable(): Map<string, Set<string>> {
  const rows = readFileSync(join(ROOT, "ARCHITECTURE.md"), "utf8").matchAll(
    /^\| `([\w-]+)` \|[^|]*\|([^|]*)\|$/gm,
  );
  return new Map(
    [...rows].map(([, folder, allowed]) => [
      folder!,
      new Set(
        allowed!
          .split(",")
          .map((name) => name.trim().replaceAll("`", ""))
          .filter((name) => name !== ""),
      ),
    ]),
  );
}

interface Import {
  from: string;
  specifier: string;
}

/** Every import of the product's files, static, dynamic or type-only. */
function readImports(): Import[] {
  const files = [...new Bun.Glob("**/*.{ts,tsx}").scanSync(PRODUCT)].filter((file) => !TESTING.test(file));
  return files.flatMap((from) => {
    const text = readFileSync(join(PRODUCT, from), "utf8").replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
    return [...text.matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|\bimport\s+)["']([^"']+)["']/g)].map((match) => ({
      from,
      specifier: match[1]!,
    }));
  });
}

/** The room a file lives in, and what an import names: a room, a package, or a module of the runtime. */
function targetOf({ from, specifier }: Import): string {
  if (specifier.startsWith(".")) {
    const path = relative(PRODUCT, resolve(PRODUCT, dirname(from), specifier));
    if (/^\.\.\/(plugins|\.agents|\.claude-plugin)\//.test(path)) return "plugins";
    return path.startsWith("..") ? path : path.split("/")[0]!;
  }
  if (specifier.startsWith("node:") || specifier.startsWith("bun")) return specifier;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function roomOf(from: string): string | null {
  return from.includes("/") ? from.split("/")[0]! : null;
}

test("every folder imports only what the table allows", () => {
  const table = readTable();
  const wrong = readImports().flatMap((each) => {
    const room = roomOf(each.from);
    if (room === null) return [];
    const target = targetOf(each);
    const runtime = target.startsWith("node:") || (target.startsWith("bun") && target !== "bun:sqlite");
    const allowed = table.get(room);
    if (target === room || (runtime && !PURE.has(room)) || allowed?.has(target)) return [];
    return [`${each.from} imports ${each.specifier}`];
  });
  expect(wrong).toEqual([]);
});

test("every folder stands in the table, and every row has its folder", () => {
  const folders = new Set(readImports().flatMap(({ from }) => roomOf(from) ?? []));
  expect([...readTable().keys()].sort()).toEqual([...folders].sort());
});

test("what a command and a host load at start stays free of zod", () => {
  const slow = readImports().filter(({ from, specifier }) => {
    if (!/^(client|cli|host|core)\//.test(from) || !specifier.includes("/protocol/")) return false;
    const target = resolve(PRODUCT, dirname(from), specifier);
    if (!/from "zod"/.test(readFileSync(target, "utf8"))) return false;
    const text = readFileSync(join(PRODUCT, from), "utf8");
    const name = specifier.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return new RegExp(`^import (?!type )[^;]*from "${name}"`, "m").test(text);
  });
  expect(slow).toEqual([]);
});

test("base stays small and knows no zod", () => {
  const files = [...new Bun.Glob("base/*.ts").scanSync(PRODUCT)].filter((file) => !TESTING.test(file));
  expect(files.length).toBeLessThanOrEqual(8);
});

test("rules read no clock and make no ids", () => {
  const files = [...new Bun.Glob("core/**/*.ts").scanSync(PRODUCT)].filter((file) => !TESTING.test(file));
  const impure = files.filter((file) =>
    /\bDate\.now|new Date\(\)|Math\.random|newId\(|\bawait\b|\basync\b|setTimeout/.test(
      readFileSync(join(PRODUCT, file), "utf8"),
    ),
  );
  expect(impure).toEqual([]);
});
