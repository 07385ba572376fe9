/** Foreign text, every character of which is one column wide: names in Kubernetes and in IAM are such, all else is a `?`. */
export const asciiOnly = (text: string, longest: number): string => {
  const plain = text.replaceAll(/[^\u0020-\u007e]/gu, '?')
  return plain.length > longest ? `${plain.slice(0, longest - 3)}...` : plain
}
