/** Attention and its gradient, printed. */
export { printAttention } from './attention.ts';
export { printAttentionGrad } from './gradient.ts';
