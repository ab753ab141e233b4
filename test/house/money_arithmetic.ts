/**
 * Finds arithmetic on money outside src/core/money.ts. Price, Quantity, Notional and Ratio are text, and JavaScript would
 * happily compare "9" with "10" or subtract through a float: the compiler allows some of it, the house none.
 */
import ts from "typescript";
import { visitNodes } from "./source_text.ts";

const moneyNames: ReadonlySet<string> = new Set(["Price", "Quantity", "Notional", "Ratio"]);
const home = /\/src\/core\/money\.ts$/;

const arithmetic: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.PlusToken,
  ts.SyntaxKind.MinusToken,
  ts.SyntaxKind.AsteriskToken,
  ts.SyntaxKind.AsteriskAsteriskToken,
  ts.SyntaxKind.SlashToken,
  ts.SyntaxKind.PercentToken,
  ts.SyntaxKind.LessThanToken,
  ts.SyntaxKind.LessThanEqualsToken,
  ts.SyntaxKind.GreaterThanToken,
  ts.SyntaxKind.GreaterThanEqualsToken,
  ts.SyntaxKind.PlusEqualsToken,
  ts.SyntaxKind.MinusEqualsToken,
  ts.SyntaxKind.AsteriskEqualsToken,
  ts.SyntaxKind.SlashEqualsToken,
  ts.SyntaxKind.PercentEqualsToken,
]);

/** Functions that turn text into a float. */
const floats: ReadonlySet<string> = new Set([
  "Number",
  "parseFloat",
  "parseInt",
  "Number.parseFloat",
  "Number.parseInt",
  "isNaN",
]);

export function moneyComplaints(program: ts.Program, isOurs: (fileName: string) => boolean): readonly string[] {
  const checker = program.getTypeChecker();
  return program
    .getSourceFiles()
    .filter(({ fileName, isDeclarationFile }) => !isDeclarationFile && isOurs(fileName) && !home.test(fileName))
    .flatMap((file) => complaintsOf(file, checker));
}

function complaintsOf(file: ts.SourceFile, checker: ts.TypeChecker): readonly string[] {
  const found: string[] = [];
  const complain = (node: ts.Node, name: string): void => {
    const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
    found.push(`${file.fileName}:${line}: \`${node.getText(file)}\` calculates with a ${name}; use src/core/money.ts`);
  };
  visitNodes(file, (node) => {
    for (const operand of operandsOf(node)) {
      const name = moneyName(checker.getTypeAtLocation(operand), checker);
      if (name !== null) return complain(node, name);
    }
  });
  return found;
}

/** The parts of an expression that may not be money. */
function operandsOf(node: ts.Node): readonly ts.Expression[] {
  if (ts.isBinaryExpression(node) && arithmetic.has(node.operatorToken.kind)) return [node.left, node.right];
  if (ts.isPrefixUnaryExpression(node) && node.operator !== ts.SyntaxKind.ExclamationToken) return [node.operand];
  if (ts.isPostfixUnaryExpression(node)) return [node.operand];
  if (ts.isCallExpression(node) && floats.has(node.expression.getText())) return node.arguments;
  return [];
}

/** A brand is `string & { [brand]: "Price" }`: the name is the type of that one property. */
function moneyName(type: ts.Type, checker: ts.TypeChecker): string | null {
  const bare = type.flags & ts.TypeFlags.TypeParameter ? (checker.getBaseConstraintOfType(type) ?? type) : type;
  if (bare.isUnion()) return bare.types.map((one) => moneyName(one, checker)).find((name) => name !== null) ?? null;
  if (!bare.isIntersection()) return null;
  const brand = bare.getProperties().find(({ escapedName }) => String(escapedName).startsWith("__@brand"));
  if (brand === undefined) return null;
  const value = checker.getTypeOfSymbol(brand);
  return value.isStringLiteral() && moneyNames.has(value.value) ? value.value : null;
}
