/**
 * Prints scalar expressions as WGSL statements. A node that is used more than once, or whose text grows long, gets a `let`; blocks nest, and what
 * a block computed is forgotten at its end, since it may not have run. A guard becomes an `if`, so that loads inside run only where they may.
 */
import { internalError } from '@weftjs/graph';
import { childrenOf, positionsOf, valuesIn, type Bound, type Expression, type ScalarType, type Storage } from '../../kernel/expression.ts';
import { expressionsOf, type Accumulator } from '../../kernel/nest.ts';
import { plus, positionKey, rangeOf, type Axis, type Position, type Term } from '../../kernel/position.ts';
import { loadText, storeLines } from './element.ts';
import type { WgslModule } from './module.ts';
import { literalText, operationText, wgslType } from './operations.ts';

const LONGEST_INLINE = 60;

interface Block {
  readonly parent: Block | null;
  readonly lines: string[];
  readonly names: Map<Expression | string, string>;
}

export class Emitter {
  readonly #module: WgslModule;
  readonly #axes = new Map<Axis, string>();
  readonly #accumulators = new Map<Accumulator, string>();
  readonly #uses = new Map<Expression, number>();
  #block: Block = { parent: null, lines: [], names: new Map() };
  #next = 0;
  /** The axes of the loop that is being printed, if what it does not change was printed before. */
  #varying: readonly Axis[] | null = null;

  constructor(module: WgslModule) {
    this.#module = module;
  }

  /** Counts how often each node is used, before anything of it is printed. */
  count(roots: readonly Expression[]): void {
    for (const expression of expressionsOf(roots)) {
      for (const child of childrenOf(expression)) this.#uses.set(child, (this.#uses.get(child) ?? 0) + 1);
    }
    for (const root of roots) this.#uses.set(root, (this.#uses.get(root) ?? 0) + 1);
  }

  bindAxis(axis: Axis, text: string): void {
    this.#axes.set(axis, text);
  }

  bindAccumulator(accumulator: Accumulator, variable: string): void {
    this.#accumulators.set(accumulator, variable);
  }

  /** A name that nothing else has. */
  name(prefix: string): string {
    return `${prefix}${this.#next++}`;
  }

  line(...texts: string[]): void {
    this.#block.lines.push(...texts);
  }

  let(text: string, prefix = 't'): string {
    const name = this.name(prefix);
    this.line(`let ${name} = ${text};`);
    return name;
  }

  /** A name for a text that is used twice. */
  #once(text: string): string {
    return /^\w+$/.test(text) ? text : this.let(text);
  }

  /** `header { body }` */
  block(header: string, body: () => void): void {
    const outer = this.#block;
    const inner: Block = { parent: outer, lines: [], names: new Map() };
    this.#block = inner;
    body();
    this.#block = outer;
    outer.lines.push(`${header} {`, ...inner.lines.map((line) => `  ${line}`), '}');
  }

  text(): string {
    return this.#block.lines.map((line) => `  ${line}`).join('\n');
  }

  #known(key: Expression | string): string | undefined {
    for (let block: Block | null = this.#block; block; block = block.parent) {
      const name = block.names.get(key);
      if (name !== undefined) return name;
    }
    return undefined;
  }

  #remember(key: Expression | string, text: string): string {
    const name = this.let(text);
    this.#block.names.set(key, name);
    return name;
  }

  /** The name of what was computed before, or of what is computed now. */
  #named(key: Expression | string, text: () => string): string {
    return this.#known(key) ?? this.#remember(key, text());
  }

  /** A position as an i32. */
  position(position: Position): string {
    const { offset, terms } = position;
    if (terms.length === 0) return literalText('int32', offset);
    const [only] = terms;
    if (terms.length === 1 && offset === 0 && only?.coefficient === 1) return this.#atom(only);
    return this.#named(positionKey(position), () => {
      // neighbours share all but the offset
      if (offset !== 0) return `${this.position({ offset: 0, terms })} + ${literalText('int32', offset)}`;
      const fixed = this.#fixed(terms);
      const hoisted = fixed.length > 0 && fixed.length < terms.length ? this.#known(positionKey({ offset: 0, terms: fixed })) : undefined;
      const rest = terms.filter((term) => hoisted === undefined || !fixed.includes(term));
      const sum = rest.map((term) => (term.coefficient === 1 ? this.#atom(term) : `${this.#atom(term)} * ${literalText('int32', term.coefficient)}`));
      return [...(hoisted === undefined ? [] : [hoisted]), ...sum].join(' + ');
    });
  }

  /** Prints, before a loop over `varying`, what positions and bounds inside need and the loop does not change. */
  hoist(roots: readonly Expression[], varying: readonly Axis[]): void {
    this.#varying = varying;
    const prepare = ({ terms }: Position): void => {
      const fixed = this.#fixed(terms);
      if (fixed.length > 0) this.position({ offset: 0, terms: fixed });
      for (const { atom } of terms) if (atom.kind === 'quotient' || atom.kind === 'remainder') prepare(atom.of);
    };
    for (const expression of expressionsOf(roots)) {
      positionsOf(expression).forEach(prepare);
      if (isSelectable(expression) && expression.bounds.every(({ position }) => !dependsOn(position.terms, varying))) this.condition(expression.bounds);
    }
  }

  /** The terms that do not change in the loop that is being printed. */
  #fixed(terms: readonly Term[]): Term[] {
    return terms.filter((term) => this.#varying && !dependsOn([term], this.#varying));
  }

  #atom({ atom, key }: Term): string {
    if (atom.kind === 'axis') {
      const name = this.#axes.get(atom.axis);
      if (name === undefined) throw internalError('an axis of a kernel has no name');
      return name;
    }
    if (atom.kind === 'value') return this.value(atom.value);
    return this.#named(key, () => {
      const { of, by } = atom;
      // unsigned division needs a dividend that is not negative: add a multiple of the divisor, and take it off the quotient
      const lift = Math.ceil(Math.max(0, -rangeOf(of)[0]) / by);
      const dividend = `u32(${this.position(plus(of, lift * by))})`;
      if (atom.kind === 'remainder') return `i32(${dividend} % ${by}u)`;
      return `i32(${dividend} / ${by}u)${lift > 0 ? ` - ${lift}` : ''}`;
    });
  }

  /** Stores a value, given its text. */
  store(storage: Storage, position: Position, type: ScalarType, text: string): void {
    this.line(...storeLines(this.#module.accessOf(storage), type, this.#place(storage, position), text, (twice) => this.#once(twice)));
  }

  /** Which element of its variable a storage has there. */
  #place(storage: Storage, position: Position): string {
    const { offset, turns } = this.#module.accessOf(storage);
    return [this.position(plus(position, offset)), ...turns.map((turn) => `${turn.variable} * ${turn.size}`)].join(' + ');
  }

  /** A name for whether all bounds hold. */
  condition(bounds: readonly Bound[]): string {
    const key = `in ${bounds.map(({ position, low, high }) => `${positionKey(position)}:${low}:${high}`).join()}`;
    return this.#named(key, () => this.bounds(bounds));
  }

  /** Stores a vector of four that begins at a position. */
  storeVector(storage: Storage, position: Position, text: string): void {
    const { variable, isHalf } = this.#module.accessOf(storage);
    this.line(`${variable}[u32(${this.#place(storage, position)}) / 4u] = ${isHalf ? `vec4<f16>(${text})` : text};`);
  }

  /** Four elements that lie side by side, the first of which a load, or a guarded load, has at its position. */
  vector(expression: Expression): string {
    const load = (expression.kind === 'guard' ? expression.inside : expression) as Expression & { kind: 'load' };
    const { variable, isHalf } = this.#module.accessOf(load.storage);
    const at = (place: string): string => (isHalf ? `vec4<f32>(${variable}[u32(${place}) / 4u])` : `${variable}[u32(${place}) / 4u]`);
    const own = this.#place(load.storage, load.position);
    if (expression.kind !== 'guard') return at(own);
    const isInside = this.condition(expression.bounds);
    return `select(vec4<${wgslType(load.type)}>(${this.value(expression.outside)}), ${at(`select(0, ${own}, ${isInside})`)}, ${isInside})`;
  }

  /** Whether all bounds hold: joined without branches, which take some drivers minutes to compile where many values are guarded. */
  bounds(bounds: readonly Bound[]): string {
    const tests = bounds.map(({ position, low, high }) => `u32(${this.position(plus(position, -low))}) < ${high - low}u`);
    return tests.length === 1 ? (tests[0] as string) : tests.map((test) => `(${test})`).join(' & ');
  }

  /** Text of an expression's value. */
  value(expression: Expression): string {
    switch (expression.kind) {
      case 'literal':
        return literalText(expression.type, expression.value, this.#module.use);
      case 'parameter':
        return `p${expression.index}`;
      case 'accumulator': {
        const name = this.#accumulators.get(expression.accumulator);
        if (name === undefined) throw internalError('an accumulator was read before it was made');
        return name;
      }
      case 'index':
        return this.position(expression.position);
      case 'guard':
        return this.#known(expression) ?? this.#guard(expression);
      default: {
        const known = this.#known(expression);
        if (known !== undefined) return known;
        const text = this.#text(expression);
        const isShared = (this.#uses.get(expression) ?? 0) > 1;
        return isShared || text.length > LONGEST_INLINE ? this.#remember(expression, text) : text;
      }
    }
  }

  /** A load; where `condition` does not hold, of another element, which the caller does not use. */
  #load({ storage, position, type }: Expression & { kind: 'load' }, condition: string | null): string {
    const own = this.#place(storage, position);
    const place = condition === null ? own : `select(0, ${own}, ${condition})`;
    return loadText(this.#module.accessOf(storage), type, place, (twice) => this.#once(twice));
  }

  #assign(variable: string, value: Expression): void {
    this.line(`${variable} = ${this.value(value)};`);
  }

  #text(expression: Expression & { kind: 'load' | 'apply' | 'call' }): string {
    if (expression.kind === 'load') return this.#load(expression, null);
    if (expression.kind === 'call') return `${this.#module.library(expression.name)}(${expression.operands.map((operand) => this.value(operand)).join(', ')})`;
    const operands = expression.operands.map((operand) => ({ text: this.value(operand), type: operand.type }));
    const [first] = operands;
    // a constant expression that overflows is refused; a `let` is not constant
    if (first && expression.operands.every(({ kind }) => kind === 'literal')) first.text = this.let(first.text);
    return operationText(expression.operation, expression.type, operands, this.#module.use);
  }

  #guard(expression: Expression & { kind: 'guard' }): string {
    if (isSelectable(expression)) {
      const isInside = this.condition(expression.bounds);
      return this.#remember(expression, `select(${this.value(expression.outside)}, ${this.#load(expression.inside, isInside)}, ${isInside})`);
    }
    const result = this.name('g');
    this.line(`var ${result}: ${wgslType(expression.type)};`);
    this.#block.names.set(expression, result);
    if (expression.outside.kind !== 'guard') {
      this.block(`if (${this.bounds(expression.bounds)})`, () => this.#assign(result, expression.inside));
      this.block('else', () => this.#assign(result, expression.outside));
      return result;
    }
    // alternatives are tested one after the other, not one inside the other: a concatenation may have hundreds
    const open = this.name('open');
    this.line(`var ${open} = true;`);
    let at: Expression = expression;
    while (at.kind === 'guard' && (at === expression || this.#known(at) === undefined)) {
      const { bounds, inside, outside }: Expression & { kind: 'guard' } = at;
      const take = (): void => {
        this.#assign(result, inside);
        this.line(`${open} = false;`);
      };
      this.block(`if (${open})`, () => this.block(`if (${this.bounds(bounds)})`, take));
      at = outside;
    }
    const last = at;
    this.block(`if (${open})`, () => this.#assign(result, last));
    return result;
  }
}

/** A guarded load that is cheaper to do at another place than to jump around. */
function isSelectable(expression: Expression): expression is Expression & { kind: 'guard'; inside: Expression & { kind: 'load' } } {
  return expression.kind === 'guard' && expression.inside.kind === 'load' && expression.outside.kind === 'literal' && valuesIn(expression.inside.position).length === 0;
}

/** Whether any of some terms changes with any of some axes; what is computed from memory always may. */
export const dependsOn = (terms: readonly Term[], axes: readonly Axis[]): boolean =>
  terms.some(({ atom }) => (atom.kind === 'axis' ? axes.includes(atom.axis) : atom.kind === 'value' || dependsOn(atom.of.terms, axes)));
