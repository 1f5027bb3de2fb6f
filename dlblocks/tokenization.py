"""Text to ids and back: by word, by character, by byte-pair encoding. Each tokenizer is trained on texts when it is made."""

import re
from collections import Counter

from dlblocks.checks import as_ids, check_option
from dlblocks.preprocessing import SPECIAL_TOKENS, UNK


class Tokenizer:
    """A list of tokens, the special ones first, and the way between a text and their places in it.

    ``tokens[i]`` is the token of id i, ``ids[token]`` its id. A subclass says how `split` cuts a text; a part that is
    not in the list becomes [UNK].
    """

    separator = ""

    def __init__(self, tokens):
        self.tokens = [*SPECIAL_TOKENS, *tokens]
        self.ids = {token: i for i, token in enumerate(self.tokens)}

    def __len__(self):
        return len(self.tokens)

    def split(self, text):
        raise NotImplementedError

    def encode(self, text):
        return [self.ids.get(token, UNK) for token in self.split(text)]

    def decode(self, ids):
        return self.separator.join(self.tokens[i] for i in (as_ids("ids", ids, len(self)) if len(ids) else ()))


class WordTokenizer(Tokenizer):
    """Tokens are words and punctuation marks; with ``size``, only that many of the most frequent (ties: alphabetical order).

    Decoding puts single spaces between tokens.

    >>> tokenizer = WordTokenizer("the cat saw the dog", size=2)
    >>> tokenizer.tokens[5:]
    ['the', 'cat']
    >>> tokenizer.encode("the dog"), tokenizer.decode([5, 6])
    ([5, 1], 'the cat')
    """

    separator = " "

    def __init__(self, texts, size=None):
        counts = Counter(token for text in _texts(texts) for token in self.split(text))
        size = None if size is None else check_option("size", size, low=0, integer=True)
        super().__init__(sorted(counts, key=lambda token: (-counts[token], token))[:size])

    def split(self, text):
        return re.findall(r"\w+|[^\w\s]", text)


class CharacterTokenizer(Tokenizer):
    """Tokens are the characters of the texts, in code-point order.

    >>> tokenizer = CharacterTokenizer("abba")
    >>> tokenizer.encode("abc"), tokenizer.decode([6, 5])
    ([5, 6, 1], 'ba')
    """

    def __init__(self, texts):
        super().__init__(sorted(set().union(*_texts(texts))))

    def split(self, text):
        return list(text)


class BytePairTokenizer(Tokenizer):
    """Tokens start as characters; training joins the most frequent pair of neighbors into a new token, ``merges`` times.

    Pairs are counted inside words, a word having the space before it with it, so that decoding gives the text back exactly. Ties
    go to the pair that comes first in code-point order. Training stops early when no pair occurs twice. Characters play the bytes.
    Source: Sennrich, Haddow and Birch (2016), *Neural Machine Translation of Rare Words with Subword Units*, section 3.2.

    >>> tokenizer = BytePairTokenizer("aab aab ab", merges=2)
    >>> tokenizer.merges
    [('a', 'b'), ('a', 'ab')]
    >>> tokenizer.split("aab abb")
    ['aab', ' ', 'ab', 'b']
    """

    def __init__(self, texts, merges):
        self.merges, merges = [], check_option("merges", merges, low=0, integer=True)
        words = Counter(tuple(word) for text in _texts(texts) for word in split_words(text))
        characters = sorted(set().union(*words))
        while len(self.merges) < merges:
            pairs = count_pairs(words)
            if max(pairs.values(), default=0) < 2:
                break
            best = min(pairs, key=lambda pair: (-pairs[pair], pair))
            words = {merge_pair(word, best): count for word, count in words.items()}
            self.merges.append(best)
        super().__init__([*characters, *map("".join, self.merges)])

    def split(self, text):
        return [token for word in split_words(text) for token in self._split_word(tuple(word))]

    def _split_word(self, word):
        for pair in self.merges:
            word = merge_pair(word, pair)
        return word


def split_words(text):
    """Cut a text into words, each with the one space before it, marks and further white space; joined they are the text again.

    >>> split_words("the cat, too")
    ['the', ' cat', ',', ' too']
    """
    return re.findall(r" ?\w+| ?[^\w\s]+|\s", text)


def count_pairs(words):
    """Count the neighboring pairs of symbols; ``words`` gives for each word, a tuple of symbols, how often it occurs.

    >>> count_pairs({("a", "b", "b"): 2, ("b", "b"): 1})
    Counter({('b', 'b'): 3, ('a', 'b'): 2})
    """
    pairs = Counter()
    for word, count in words.items():
        for pair in zip(word, word[1:]):
            pairs[pair] += count
    return pairs


def merge_pair(word, pair):
    """Join every occurrence of ``pair`` in a tuple of symbols, from the left.

    >>> merge_pair(("a", "a", "a", "b"), ("a", "a"))
    ('aa', 'a', 'b')
    """
    merged, i = [], 0
    while i < len(word):
        joined = word[i:i + 2] == pair
        merged.append("".join(pair) if joined else word[i])
        i += 2 if joined else 1
    return tuple(merged)


def _texts(texts):
    texts = [texts] if isinstance(texts, str) else list(texts)
    if not texts or not all(isinstance(text, str) for text in texts):
        raise TypeError("texts must be a text or a list of texts, at least one")
    return texts
