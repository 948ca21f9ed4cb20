"""mended_loop_1: softmax was taken twice; judged as train_epoch is."""

from cnnlab.check.cases import Part
from cnnlab.check.lesson_08 import train_epoch
from cnnlab.check.lesson_08.recipes import AFTERWARDS, ONCE
from cnnlab.check.lesson_08.train_epoch import epochs, log_softmax, softmax, trained, uneven, way
from cnnlab.check.loops import loop_exercise

# fmt: off
WRONG = [
    ("softmax is still before the loss", "CrossEntropyLoss does the softmax itself. Given probabilities it squeezes "
     "them again, and learning crawls.", way(change=softmax)),
    ("log-softmax before the loss", "That hides the fault: the loss is the same, but the softmax is still done twice.",
     way(change=log_softmax)),
    ("the zero_grad got lost", "The softmax is gone, but so is optimizer.zero_grad(): keep it.", way(zero="never")),
]

EXERCISE = loop_exercise(
    name="mended_loop_1", lesson="08_mnist", reference=trained, fields=AFTERWARDS | ONCE, wrong=WRONG,
    known=train_epoch.WRONG, ways=train_epoch.WAYS,
    parts=[Part("mended", 1, lambda rng: [*epochs(rng), *uneven(rng)], "epochs against a sound loop",
                "what does the loss function expect: probabilities or logits?")],
)
