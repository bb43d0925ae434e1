# -*- coding: cp949 -*-
# 메모리 셀: 은닉 상태를 다음 시점으로 보낸다
import numpy as np

def rnn_cell(입력, 은닉_상태, Wx, Wh, b):
    return np.tanh(Wx @ 입력 + Wh @ 은닉_상태 + b)

def rnn_layer(inputs, Wx, Wh, b, hidden_state_0=None):
    # 배치가 있으면 표본마다 따로 계산한다
    if inputs.ndim == 3:
        return np.stack([rnn_layer(inputs[n], Wx, Wh, b, None if hidden_state_0 is None else hidden_state_0[n]) for n in range(len(inputs))])
    은닉_상태 = np.zeros(Wh.shape[0]) if hidden_state_0 is None else hidden_state_0
    모든_은닉_상태 = []
    for 입력 in inputs:
        은닉_상태 = rnn_cell(입력, 은닉_상태, Wx, Wh, b)
        모든_은닉_상태.append(은닉_상태)
    return np.stack(모든_은닉_상태)
