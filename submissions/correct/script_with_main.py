import numpy as np
import matplotlib.pyplot as plt

if __name__ == "__main__":
    T, D, H = 6, 3, 5
    rng = np.random.default_rng()
    X = rng.standard_normal((T, D))
    W = rng.standard_normal((H, D + H))
    Wx, Wh = W[:, :D], W[:, D:]
    b = np.zeros(H)
    h = np.zeros(H)
    hs = np.zeros((T, H))
    for t in range(T):
        h = np.tanh(W @ np.concatenate([X[t], h]) + b + Wx @ np.zeros(D) + Wh @ np.zeros(H))
        hs[t] = h
    plt.plot(hs)
    plt.show()
