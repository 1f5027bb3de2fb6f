import pytest
from hypothesis import given, settings, strategies as st

from dlblocks.preprocessing import SPECIAL_TOKENS, UNK
from dlblocks.tokenization import BytePairTokenizer, CharacterTokenizer, WordTokenizer, count_pairs, merge_pair, split_words

SENTENCE = "Vanity and pride are different things"
few_letters = st.text(alphabet="ab c,\n", min_size=1, max_size=40)


def test_one_sentence_at_three_levels():
    assert WordTokenizer(SENTENCE).split(SENTENCE) == ["Vanity", "and", "pride", "are", "different", "things"]
    assert len(CharacterTokenizer(SENTENCE).split(SENTENCE)) == len(SENTENCE) == 37
    counts = [len(BytePairTokenizer(SENTENCE, merges).split(SENTENCE)) for merges in range(5)]
    assert counts[0] == 37 and counts == sorted(counts, reverse=True) and counts[-1] < 37


@given(few_letters)
def test_any_text_comes_back_from_its_characters_and_byte_pairs(text):
    for tokenizer in (CharacterTokenizer(text), BytePairTokenizer(text, 5)):
        assert tokenizer.decode(tokenizer.encode(text)) == text


@given(st.text(max_size=30))
def test_words_with_their_spaces_join_to_the_text(text):
    assert "".join(split_words(text)) == text


def test_words_come_back_with_single_spaces():
    tokenizer = WordTokenizer("The cat, the dog.")
    assert tokenizer.decode(tokenizer.encode("The  cat, the dog.")) == "The cat , the dog ."


def test_unknown_parts_become_unk_but_byte_pairs_spell_a_new_word():
    texts = ["low lower lowest", "new newer newest"]
    words, pairs = WordTokenizer(texts), BytePairTokenizer(texts, merges=8)
    assert words.encode("slow") == [UNK] and words.decode(words.encode("slow low")) == "[UNK] low"
    assert UNK not in pairs.encode("slow") and pairs.decode(pairs.encode("slow")) == "slow"
    assert pairs.encode("xlow")[0] == UNK
    assert CharacterTokenizer("ab").encode("abz") == [5, 6, UNK]


def test_merges_follow_counts_and_ties_go_to_the_first_pair_in_code_point_order():
    # pairs of "abab" and "cdcd" occur equally often: ab, then cd, then what they build
    assert BytePairTokenizer(["cdcd", "abab"] * 2, merges=4).merges == [("a", "b"), ("c", "d"), ("ab", "ab"), ("cd", "cd")]


@given(st.lists(few_letters, min_size=1, max_size=5), st.randoms())
@settings(max_examples=50)
def test_merges_do_not_depend_on_the_order_of_the_texts(texts, random):
    shuffled = random.sample(texts, len(texts))
    assert BytePairTokenizer(texts, 6).tokens == BytePairTokenizer(shuffled, 6).tokens


def test_training_stops_when_no_pair_occurs_twice():
    assert BytePairTokenizer("abc", merges=10).merges == []


@given(st.lists(few_letters, min_size=1, max_size=5))
def test_tokens_are_listed_once_and_the_special_ones_first(texts):
    for tokenizer in (WordTokenizer(texts), CharacterTokenizer(texts), BytePairTokenizer(texts, 6)):
        assert tuple(tokenizer.tokens[:5]) == SPECIAL_TOKENS
        assert len(set(tokenizer.tokens)) == len(tokenizer) == len(tokenizer.ids)
        assert all(tokenizer.ids[token] == i for i, token in enumerate(tokenizer.tokens))


def test_a_limited_vocabulary_keeps_the_most_frequent_words():
    assert WordTokenizer("b d a c b a b", size=3).tokens[5:] == ["b", "a", "c"]


def test_enough_merges_make_a_token_of_each_word():
    tokenizer = BytePairTokenizer("lower cab lower cab lower", merges=100)
    assert tokenizer.split("lower cab") == ["lower", " cab"]
    assert tokenizer.tokens[5:13] == [" ", "a", "b", "c", "e", "l", "o", "r"]


def test_pairs_are_counted_with_their_words_and_merged_from_the_left():
    assert count_pairs({("a", "a", "a"): 3}) == {("a", "a"): 6}
    assert merge_pair(tuple("aaaa"), ("a", "a")) == ("aa", "aa")
    assert merge_pair(("b",), ("a", "a")) == ("b",)


@pytest.mark.parametrize("call, error, message", [
    (lambda: WordTokenizer([]), TypeError, "texts must be"),
    (lambda: CharacterTokenizer([1]), TypeError, "texts must be"),
    (lambda: BytePairTokenizer("a", merges=-1), ValueError, "merges must be at least 0, got -1"),
    (lambda: BytePairTokenizer("a", merges=1.5), TypeError, "merges must be an integer"),
    (lambda: CharacterTokenizer("ab").decode([7]), IndexError, "decode: ids must lie in 0..6, got 7"),
    (lambda: CharacterTokenizer("ab").decode([-1]), IndexError, "decode: ids must lie in 0..6, got -1"),
])
def test_bad_calls(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_nothing_encodes_to_nothing():
    tokenizer = CharacterTokenizer("ab")
    assert tokenizer.encode("") == [] and tokenizer.decode([]) == ""
