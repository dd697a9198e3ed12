import type { ArithmeticExpression, ParameterExpansionPart, SyntaxNode, TestExpression, Word } from "unbash";

const NUMBER = /^-?\d+$/;
const PARAMETER = /^(?:[A-Za-z_]\w*|\d+|[-@*#?$!])$/;
const COMPARES_NUMBERS = new Set(["-eq", "-ne", "-lt", "-le", "-gt", "-ge"]);

/**
 * Why a piece of syntax can run what it does not show; null: it cannot. Shells evaluate variables in arithmetic, in
 * subscripts and in some expansions, and a command hidden in their value runs (`x='a[$(rm y)]'; echo $((x))`).
 */
export function hazardOf(node: SyntaxNode): string | null {
  const find = Object.hasOwn(HAZARDS, node.type) ? (HAZARDS[node.type] as Hazard<SyntaxNode["type"]>) : null;
  return find && find(node);
}

type Hazard<Type extends SyntaxNode["type"]> = (node: Extract<SyntaxNode, { type: Type }>) => string | null;

const EVALUATES = "arithmetic can run what a variable holds";

const HAZARDS: { readonly [Type in SyntaxNode["type"]]?: Hazard<Type> } = {
  ExtendedGlob: () => "some shells run code in such a pattern",
  ArithmeticExpansion: arithmeticHazard,
  ArithmeticCommand: arithmeticHazard,
  ArithmeticFor: () => EVALUATES,
  ParameterExpansion: expansionHazard,
  Assignment: ({ index }) => (index && !isNumber(index) ? "a subscript can run what a variable holds" : null),
  TestUnary: testHazard,
  TestBinary: testHazard,
};

function arithmeticHazard({ expression }: { expression: ArithmeticExpression | undefined }): string | null {
  return expression && isPlain(expression) ? null : EVALUATES;
}

/** Numbers and operators only. */
function isPlain(expression: ArithmeticExpression): boolean {
  switch (expression.type) {
    case "ArithmeticBinary":
      return isPlain(expression.left) && isPlain(expression.right);
    case "ArithmeticUnary":
      return isPlain(expression.operand);
    case "ArithmeticTernary":
      return [expression.test, expression.consequent, expression.alternate].every(isPlain);
    case "ArithmeticGroup":
      return isPlain(expression.expression);
    case "ArithmeticWord":
      return NUMBER.test(expression.value) && !expression.parts;
    case "ArithmeticCommandExpansion":
      return false;
  }
}

function expansionHazard({ prefix, index, operation, parameter }: ParameterExpansionPart): string | null {
  if (!PARAMETER.test(parameter)) return "some shells run code in such an expansion";
  if (prefix === "!" && operation?.type !== "Names")
    return "an indirect expansion can run what a variable holds";
  if (index && !isNumber(index) && !/^[@*]$/.test(index.text))
    return "a subscript can run what a variable holds";
  switch (operation?.type) {
    case undefined:
    case "Names":
    case "Remove":
    case "Replace":
    case "CaseModification":
      return null;
    case "Default":
      return operation.operator.endsWith("=") && isExported(parameter) ? `it changes ${parameter}` : null;
    case "Slice":
      return isNumber(operation.offset) && (!operation.length || isNumber(operation.length))
        ? null
        : EVALUATES;
    case "Transform":
    case "Unknown":
      return "such an expansion can run what a variable holds";
  }
}

function testHazard(node: Extract<TestExpression, { type: "TestUnary" | "TestBinary" }>): string | null {
  if (node.type === "TestUnary")
    return /^-[vR]$/.test(node.operator) ? "a subscript can run what a variable holds" : null;
  if (COMPARES_NUMBERS.has(node.operator) && !(isNumber(node.left) && isNumber(node.right))) return EVALUATES;
  return node.operator === "<" || node.operator === ">" ? "some shells open a file here" : null;
}

/** Variables by which programs are steered have upper-case names; some shells have a few others. */
export function isExported(name: string): boolean {
  return !/^[a-z_][a-z0-9_]*$/.test(name) || /path$|proxy$/.test(name);
}

function isNumber({ value, parts }: Word): boolean {
  return NUMBER.test(value.trim()) && !parts;
}
