/** Reading what module.ts wrote: the functions of a module, with their types and the bytes of their bodies. */
import { internalError } from '@weftjs/graph';
import { VALUE_TYPES, type ValueType } from '../code.ts';

/** Bytes, read from the front. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  byte(): number {
    const value = this.#bytes[this.at++];
    if (value === undefined) throw internalError('a module ends too early');
    return value;
  }

  /** LEB128, unsigned. */
  unsigned(): number {
    let [value, factor] = [0, 1];
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
  }

  /** LEB128 of an int32. */
  signed(): number {
    let [value, shift] = [0, 0];
    for (;;) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      shift += 7;
      if (byte < 0x80) return shift < 32 && byte & 0x40 ? value | (-1 << shift) : value;
    }
  }

  view(length: number): DataView {
    const { buffer, byteOffset } = this.#bytes;
    this.at += length;
    return new DataView(buffer, byteOffset + this.at - length, length);
  }

  list<T>(item: () => T): T[] {
    return Array.from({ length: this.unsigned() }, item);
  }
}

export interface ReadFunction {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
  /** Of all locals, parameters included. */
  readonly locals: readonly ValueType[];
  /** Where its instructions begin and end in the module. */
  readonly start: number;
  readonly end: number;
}

const typeNames = Object.entries(VALUE_TYPES) as [ValueType, number][];
function valueType(code: number): ValueType {
  const found = typeNames.find(([, value]) => value === code);
  if (!found) throw internalError(`a module has the type ${code}`);
  return found[0];
}

/** Where the values of a module's globals begin, which are literal vectors. */
export function readConstants(bytes: Uint8Array): number[] {
  const reader = new ByteReader(bytes, 8);
  while (reader.at < bytes.length) {
    const id = reader.byte();
    const end = reader.unsigned() + reader.at;
    if (id === 6) {
      return reader.list(() => {
        // type and whether it may change, the instruction of two bytes, its 16 bytes, the end
        const start = reader.at + 4;
        reader.at = start + 17;
        return start;
      });
    }
    reader.at = end;
  }
  return [];
}

/** The functions of a module, by index. */
export function readFunctions(bytes: Uint8Array): ReadFunction[] {
  const reader = new ByteReader(bytes, 8);
  let types: { parameters: ValueType[]; results: ValueType[] }[] = [];
  let uses: number[] = [];
  while (reader.at < bytes.length) {
    const id = reader.byte();
    const length = reader.unsigned();
    const end = reader.at + length;
    if (id === 1) {
      types = reader.list(() => {
        reader.byte();
        const type = (): ValueType => valueType(reader.byte());
        return { parameters: reader.list(type), results: reader.list(type) };
      });
    } else if (id === 3) uses = reader.list(() => reader.unsigned());
    else if (id === 10) {
      return reader
        .list(() => {
          const bodyLength = reader.unsigned();
          const bodyEnd = reader.at + bodyLength;
          return readBody(reader, bodyEnd);
        })
        .map((body, i) => {
          const { parameters, results } = types[uses[i] as number] as (typeof types)[number];
          return { ...body, parameters, results, locals: [...parameters, ...body.locals] };
        });
    }
    reader.at = end;
  }
  return [];
}

function readBody(reader: ByteReader, end: number): Pick<ReadFunction, 'locals' | 'start' | 'end'> {
  const locals = reader
    .list(() => {
      const count = reader.unsigned();
      return new Array<ValueType>(count).fill(valueType(reader.byte()));
    })
    .flat();
  const start = reader.at;
  reader.at = end;
  return { locals, start, end };
}
