# The listings of the lecture notes, one after the other, as they stand.
hidden_state_t = 0 # 초기 은닉 상태를 0(벡터)로 초기화
for input_t in input_length: # 각 시점마다 입력을 받는다.
    output_t = tanh(input_t, hidden_state_t)  # 각 시점에 대해 입력과 은닉 상태를 가지고 연산
    hiden_state_t = output_t  # 계산 결과는 현재 시점의 은닉 상태가 된다.

import numpy as np

temesteps = 10  # 시점의 수, NLP에서는 보통 문장의 길이.
input_size = 4  # 입력의 차원. NLP에서는 보통 단어 벡터의 차원.
hidden_size = 8  # 은닉 상태의 크기. 메모리 셀의 용량.

inputs = np.randam.random.((timesteps, input_size))  # 입력에 해당하는 2D 텐서

hidden_state_t = np.zeros((hidden_size,))  # 초기 은닉 상태는 0(벡터)으로 초기화
# 은닉 상태의 크기 hidden_size로 은닉 상태를 만듦.

# 초기 은닉 상태 출력

print(hidden_state_t)  # 8의 크기를 가지는 은닉 상태. 현재는 초기 은닉 상태로 모든 차원이 0의 값을 가짐.

# 가중치, 편향 정의

Wx = np.random.random((hidden_size, input_size))  # (8, 4) 크기의 2D 텐서 생성. 입력에 대한 가중치.
Wh = np.random.random((hidden_size, input_size))  # (8, 8) 크기의 2D 텐서 생성. 입력에 대한 가중치.
b = np.random.random((hidden_size,))  # (8,) 크기의 1D 텐서 생성. 이 값은 편향(bias).

# 가중치, 편향 크기 출력

print(np.shape(Wx))
print(np.shape(Wh))
print(np.shape(b))

# 모든 시점의 은닉 상태를 출력한다고 가정하고, RNN 층을 동작

total_hidden_states = []

# 메모리 셀 동작
for input_t in inputs:  # 각 시점에 따라 입력값이 입력됨
    output_t = np.tanh(np.dot(Wx, input_t) + np.dot(Wh, hidden_state_t) + b)  # Wx * Xt * Wh * Ht-1 + b(bias)
    total_hidden_states.append(list(output_t))  # 각 시점의 은닉 상태의 값을 계속 축적
    print(np.shape(total_hidden_states)) # 각 시점 t별 메모리 셀의 출력의 크기는 (timestep, output_dim)
    hidden_state_t = output_t
    
total_hidden_states = np.stack(total_hidden_state, axis = 0)
# 출력 시 값을 깔끔하게 해준다.

print(total_hidden_state)  # (timesteps, output_dim)의 크기. 이 경우 (10, 8)의 크기를 가지는 메모리 셀의 2D 텐서를 출력.
