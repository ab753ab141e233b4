/** A source file taken apart: code without comments and strings, the strings alone, and its syntax tree. */
import ts from "typescript";

export type Source = {
  readonly path: string;
  readonly text: string;
  /** Comments and the insides of strings are blanks, so that a rule about code never complains about a sentence. */
  readonly code: string;
  /** The insides of strings and templates, one a line. */
  readonly strings: string;
  /** null for files that are not TypeScript. */
  readonly tree: ts.SourceFile | null;
};

export function sourceOf(path: string, text: string): Source {
  if (/\.sql$/.test(path)) return { path, text, code: text.replace(/--.*$/gm, ""), strings: "", tree: null };
  if (!/\.(ts|tsx|js|cjs|mjs)$/.test(path)) return { path, text, code: text, strings: "", tree: null };
  const kind = path.endsWith("x") ? ts.ScriptKind.TSX : path.endsWith(".ts") ? ts.ScriptKind.TS : ts.ScriptKind.JS;
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true, kind);
  return { path, text, tree, ...splitStrings(tree, text) };
}

function splitStrings(tree: ts.SourceFile, text: string): { code: string; strings: string } {
  const code: string[] = [];
  const strings: string[] = [];
  visitTokens(tree, (token) => {
    const start = token.getStart(tree);
    code.push(text.slice(token.getFullStart(), start).replace(/\S/g, " ").replace(/ +/g, " "));
    if (isText(token)) strings.push(text.slice(start, token.getEnd()));
    code.push(isText(token) ? '""' : text.slice(start, token.getEnd()));
  });
  return { code: code.join(""), strings: strings.join("\n") };
}

const textKinds: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.StringLiteral,
  ts.SyntaxKind.NoSubstitutionTemplateLiteral,
  ts.SyntaxKind.TemplateHead,
  ts.SyntaxKind.TemplateMiddle,
  ts.SyntaxKind.TemplateTail,
  ts.SyntaxKind.RegularExpressionLiteral,
  ts.SyntaxKind.JsxText,
]);
const isText = (node: ts.Node): boolean => textKinds.has(node.kind);

function visitTokens(node: ts.Node, see: (token: ts.Node) => void): void {
  // Docblocks hang below the node that they describe; they are comments here.
  if (node.kind >= ts.SyntaxKind.FirstJSDocNode && node.kind <= ts.SyntaxKind.LastJSDocNode) return;
  const children = node.getChildren();
  if (children.length === 0) see(node);
  for (const child of children) visitTokens(child, see);
}

export function visitNodes(tree: ts.Node, see: (node: ts.Node) => void): void {
  see(tree);
  tree.forEachChild((child) => visitNodes(child, see));
}
