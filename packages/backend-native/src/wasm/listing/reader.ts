/** Reading what module.ts wrote: the functions of a module, with their types and where their bodies are, and its constants. */
import { VALUE_TYPES, type ValueType } from '../code.ts';

/** Bytes, read from the front. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  byte(): number {
    return this.#bytes[this.at++] as number;
  }

  /** LEB128. */
  #number(isSigned: boolean): number {
    let [value, factor] = [0, 1];
    for (;;) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      factor *= 128;
      if (byte < 0x80) return isSigned && byte & 0x40 ? value - factor : value;
    }
  }

  unsigned(): number {
    return this.#number(false);
  }

  signed(): number {
    return this.#number(true);
  }

  view(length: number): DataView {
    const { buffer, byteOffset } = this.#bytes;
    this.at += length;
    return new DataView(buffer, byteOffset + this.at - length, length);
  }

  list<T>(item: (index: number) => T): T[] {
    return Array.from({ length: this.unsigned() }, (_, i) => item(i));
  }
}

interface Signature {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

export interface ReadFunction extends Signature {
  /** Where its instructions begin and end in the module. */
  readonly start: number;
  readonly end: number;
}

export interface ReadModule {
  readonly functions: readonly ReadFunction[];
  /** Where the values of its globals begin, which are literal vectors. */
  readonly constants: readonly number[];
}

export function readModule(bytes: Uint8Array): ReadModule {
  const reader = new ByteReader(bytes, 8);
  const type = (): ValueType => {
    const code = reader.byte();
    return (Object.keys(VALUE_TYPES) as ValueType[]).find((name) => VALUE_TYPES[name] === code) as ValueType;
  };
  let types: Signature[] = [];
  let uses: number[] = [];
  let constants: number[] = [];
  for (;;) {
    const id = reader.byte();
    const end = reader.unsigned() + reader.at;
    switch (id) {
      case 1:
        types = reader.list(() => {
          reader.byte();
          return { parameters: reader.list(type), results: reader.list(type) };
        });
        break;
      case 3:
        uses = reader.list(() => reader.unsigned());
        break;
      case 6:
        constants = reader.list(() => {
          // type and whether it may change, the instruction of two bytes, its 16 bytes, the end
          const start = reader.at + 4;
          reader.at = start + 17;
          return start;
        });
        break;
      case 10: {
        // the last section
        const functions = reader.list((i) => {
          const bodyEnd = reader.unsigned() + reader.at;
          // locals: how many, of which type
          reader.list(() => [reader.unsigned(), reader.byte()]);
          const start = reader.at;
          reader.at = bodyEnd;
          return { ...(types[uses[i] as number] as Signature), start, end: bodyEnd };
        });
        return { functions, constants };
      }
      default:
    }
    reader.at = end;
  }
}
